import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { apiClient } from "./api-client.ts";
import type { Program } from "./binaries.ts";
import { type Component, freePorts, untilReady } from "./component.ts";
import { SERVICE_ACCOUNT_KEY, writeKubeconfig, writeServiceAccountKey, writeTokens } from "./files.ts";
import type { ControlPlaneOptions } from "./options.ts";

/** Starts a program, to be ended with the control plane. */
export type Start = (program: Program, flags: readonly string[]) => Component;

export interface Endpoint {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
  /** Its path. */
  readonly kubeconfig: string;
}

/** With its etcd. */
export async function startApiServer(
  start: Start,
  folder: string,
  options: ControlPlaneOptions,
): Promise<Endpoint> {
  const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const token = randomUUID();
  await writeServiceAccountKey(folder);
  await writeTokens(folder, [{ token, user: "admin", groups: ["system:masters"] }, ...(options.users ?? [])]);
  const etcd = start("etcd", etcdFlags(folder, etcdUrl, `http://127.0.0.1:${peerPort}`));
  const apiServer = start("kube-apiserver", [
    ...apiServerFlags(folder, etcdUrl, port),
    ...(options.apiServerFlags ?? []),
  ]);
  await untilReady(etcd, async () => (await fetch(`${etcdUrl}/health`)).ok);
  const url = `https://127.0.0.1:${port}`;
  const isReady = async () => {
    const client = apiClient(url, await readFile(join(folder, "apiserver.crt"), "utf8"), token);
    try {
      return (await client.request("GET", "/readyz")).status === 200;
    } finally {
      client.close();
    }
  };
  await untilReady(apiServer, isReady);
  const ca = await readFile(join(folder, "apiserver.crt"), "utf8");
  return { url, ca, token, kubeconfig: await writeKubeconfig(folder, url, ca, token) };
}

/** It keeps nothing, so it need not write anything safely. */
function etcdFlags(folder: string, url: string, peerUrl: string): string[] {
  return [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    "--unsafe-no-fsync",
  ];
}

function apiServerFlags(folder: string, etcdUrl: string, port: number): string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    // It signs its own certificate there.
    `--cert-dir=${folder}`,
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    `--service-account-key-file=${join(folder, SERVICE_ACCOUNT_KEY)}`,
    `--service-account-signing-key-file=${join(folder, SERVICE_ACCOUNT_KEY)}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-cluster-ip-range=10.0.0.0/24",
    "--endpoint-reconciler-type=none",
    "--disable-admission-plugins=ServiceAccount",
  ];
}

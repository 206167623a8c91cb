import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiClient, apiClient } from "./api-client.ts";
import { type Start, startApiServer } from "./api-server.ts";
import { findBinaries } from "./binaries.ts";
import { type Component, startComponent } from "./component.ts";
import { startControllers } from "./controllers.ts";
import type { ControlPlaneOptions } from "./options.ts";

/**
 * etcd and kube-apiserver, and what else was asked for, on free ports of 127.0.0.1. RBAC is in
 * force. Admission of ServiceAccounts is off, so that pods need none; there is no kubelet: tests
 * make nodes and set the status of pods.
 */
export interface ControlPlane {
  /** Of the API server: "https://127.0.0.1:45123". */
  readonly url: string;
  /** What signed its certificate, as PEM. */
  readonly ca: string;
  /** A bearer token of group system:masters. */
  readonly token: string;
  /** The path of a kubeconfig of the same administrator. */
  readonly kubeconfig: string;
  /** Where the logs of each component are until it is stopped: `etcd.log`, `kube-apiserver.log`, … */
  readonly logFolder: string;
  /** Speaks to the API server as the administrator. */
  readonly client: ApiClient;
  /** Speaks to it as the bearer of a token, of one of `users` or of nobody. */
  clientFor(token: string): ApiClient;
  /** Ends what was started, by pid, and removes its data. */
  stop(): Promise<void>;
}

export type ControlPlaneStart =
  | { readonly controlPlane: ControlPlane }
  /** Why this machine can have none: what a test skips with. It has been said loudly. */
  | { readonly missing: string };

/** How long a start may take where the programs must be built first: for the hook that starts one. */
export const FIRST_START_MS = 45 * 60_000;

/** Throws, with the end of its log, when a component does not start. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlaneStart> {
  const binaries = await findBinaries();
  if ("missing" in binaries) return binaries;
  const folder = await mkdtemp(join(tmpdir(), "control-plane-"));
  const clients: ApiClient[] = [];
  const components: Component[] = [];
  const stop = async () => {
    for (const client of clients) client.close();
    // The API server before its etcd, which it would otherwise complain about.
    for (const component of components.toReversed()) await component.kill();
    await rm(folder, { recursive: true, force: true });
  };
  const start: Start = (program, flags) => {
    const component = startComponent(join(binaries.folder, program), flags, folder);
    components.push(component);
    return component;
  };
  try {
    const endpoint = await startApiServer(start, folder, options);
    const { url, ca, token } = endpoint;
    const clientFor = (bearer: string) => {
      const client = apiClient(url, ca, bearer);
      clients.push(client);
      return client;
    };
    await startControllers(start, folder, endpoint, options);
    const client = clientFor(token);
    return { controlPlane: { ...endpoint, logFolder: folder, client, clientFor, stop } };
  } catch (error) {
    await stop();
    throw error;
  }
}

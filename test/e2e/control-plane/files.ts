import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApiUser } from "./options.ts";

/** In the control plane's folder. */
export const SERVICE_ACCOUNT_KEY = "service-account.key";

export async function writeServiceAccountKey(folder: string): Promise<void> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(join(folder, SERVICE_ACCOUNT_KEY), privateKey.export({ type: "pkcs1", format: "pem" }));
}

/** As "token,user,uid,groups". */
export async function writeTokens(folder: string, users: readonly ApiUser[]): Promise<void> {
  const rows = users.map(
    ({ token, user, groups = [] }) => `${token},${user},${user},"${groups.join(",")}"\n`,
  );
  await writeFile(join(folder, "tokens.csv"), rows.join(""));
}

/** JSON, which is YAML too. */
export async function writeKubeconfig(
  folder: string,
  url: string,
  ca: string,
  token: string,
): Promise<string> {
  const path = join(folder, "kubeconfig");
  const certificate = Buffer.from(ca).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: url, "certificate-authority-data": certificate } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

export async function writeSchedulerConfiguration(
  folder: string,
  kubeconfig: string,
  configuration: Readonly<Record<string, unknown>>,
): Promise<string> {
  const path = join(folder, "kube-scheduler.json");
  const whole = {
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    // Its own limit of 50 requests a second is for shared API servers.
    clientConnection: { kubeconfig, qps: 5_000, burst: 10_000 },
    leaderElection: { leaderElect: false },
    ...configuration,
  };
  await writeFile(path, JSON.stringify(whole));
  return path;
}

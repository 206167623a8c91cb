import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Group } from "@gpu-autoscaler/core";
import { stringify } from "yaml";
import { POOL } from "../wire/cluster.ts";
import type { Wire } from "../wire/wire.ts";

const MAIN = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder in which somebody works with the real command: with a configuration and a kubeconfig of their own. */
export interface Workplace {
  run(...argv: string[]): Promise<Ended>;
  leave(): Promise<void>;
}

/** Who works there, by which kubeconfig. */
export type Who = "autoscaler" | "administrator";

/**
 * A workplace for the cluster of that name. The autoscaler's role comes by an exec plugin in place of
 * `aws eks get-token`, and its calls to the API server are told by `wire.api`.
 */
export async function aWorkplace(wire: Wire, cluster: string, group: Group, who: Who): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), "workplace-"));
  const written = `export default ${JSON.stringify(config(cluster, group))};\n`;
  await writeFile(join(folder, "autoscaler.config.mjs"), written);
  await writeFile(join(folder, "kubeconfig"), stringify(kubeconfig(wire, cluster)));
  const { aws, dynamoDb, plane } = wire;
  const env = {
    HOME: folder,
    // DynamoDB Local keeps the tables of each key apart: those of the wire's processes have this one.
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
    KUBECONFIG: who === "administrator" ? plane.kubeconfig : join(folder, "kubeconfig"),
  };
  return {
    async run(...argv) {
      const all = [MAIN, ...argv, "--config", "autoscaler.config.mjs"];
      const child = spawn(execPath, all, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
      const ended = new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
      });
      const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
      return { status, stdout, stderr };
    },
    leave: () => rm(folder, { recursive: true, force: true }),
  };
}

function config(name: string, { zones, instanceTypes, maxNodes }: Group) {
  const pool = { name: POOL, instanceTypes, capacityTypes: ["on-demand"], maxNodes };
  return { clusters: [{ name, region: "us-east-1", zones, pools: [pool] }] };
}

/** As `aws eks update-kubeconfig` writes it, but for the command. */
function kubeconfig({ api, aws }: Wire, name: string) {
  const arn = `arn:aws:eks:${aws.region}:123456789012:cluster/${name}`;
  const args = ["-e", PRINTS_TOKEN, "eks", "get-token", "--cluster-name", name];
  const exec = { apiVersion: "client.authentication.k8s.io/v1beta1", command: execPath, args };
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": arn,
    contexts: [{ name: arn, context: { cluster: arn, user: arn } }],
    clusters: [{ name: arn, cluster: { server: api.endpoint } }],
    users: [{ name: arn, user: { exec } }],
  };
}

const SIGNED =
  "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id";
const PRINTS_TOKEN = `console.log(JSON.stringify({
  kind: "ExecCredential",
  apiVersion: "client.authentication.k8s.io/v1beta1",
  status: { token: ${JSON.stringify(`k8s-aws-v1.${Buffer.from(SIGNED).toString("base64url")}`)} },
}))`;

/** Calls to AWS that may change something. */
export const CHANGES = /^(autoscaling|ec2):(?!Describe)/;

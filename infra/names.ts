import { createHash } from "node:crypto";

/** On groups, launch templates, instances and volumes: whose they are. Permissions go by it. */
export const CLUSTER_TAG = "gpu-autoscaler.io/cluster";
export const POOL_TAG = "gpu-autoscaler.io/pool";

const DIGEST_LENGTH = 8;

/** `<app>-<stage>-<parts>`, at most so long: what is cut off is told apart by a digest of the whole. */
export function physicalName(most: number, ...parts: string[]): string {
  const whole = [$app.name, $app.stage, ...parts].join("-");
  if (whole.length <= most) return whole;
  const digest = createHash("sha256").update(whole).digest("hex").slice(0, DIGEST_LENGTH);
  return `${whole.slice(0, most - DIGEST_LENGTH - 1)}-${digest}`;
}

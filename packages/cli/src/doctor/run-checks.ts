import { AutoscalerError, type DurationMs, SECOND_MS } from "@gpu-autoscaler/core";
import { checkAws } from "./checks/aws.ts";
import { checkClock } from "./checks/clock.ts";
import { checkCluster } from "./checks/cluster.ts";
import { checkConfiguration } from "./checks/configuration.ts";
import { checkDaemonSets } from "./checks/daemon-sets.ts";
import { checkGpuNodes } from "./checks/gpu-nodes.ts";
import { checkGroups } from "./checks/groups.ts";
import { checkKubernetesPermissions } from "./checks/kubernetes-permissions.ts";
import { checkMetrics } from "./checks/metrics.ts";
import { checkOtherAutoscalers } from "./checks/other-autoscalers.ts";
import { checkTable } from "./checks/table.ts";
import type { Examined } from "./examined.ts";
import { type Finding, failure, unchecked } from "./finding.ts";

/** What a check found, under its name. */
export interface CheckedFinding extends Finding {
  readonly check: string;
}

interface Check {
  readonly name: string;
  readonly run: (of: Examined) => Promise<readonly Finding[]>;
  /** An error of it is told by another check already: here it only keeps things from being looked at. */
  readonly needs?: "cluster";
}

const CHECKS: readonly Check[] = [
  { name: "cluster", run: checkCluster },
  { name: "permissions in Kubernetes", run: checkKubernetesPermissions, needs: "cluster" },
  { name: "groups", run: checkGroups },
  { name: "other autoscalers", run: checkOtherAutoscalers, needs: "cluster" },
  { name: "GPU nodes", run: checkGpuNodes, needs: "cluster" },
  { name: "DaemonSets", run: checkDaemonSets, needs: "cluster" },
  { name: "metrics", run: checkMetrics },
  { name: "AWS", run: checkAws },
  { name: "configuration", run: checkConfiguration },
  { name: "table", run: checkTable },
  { name: "clock", run: checkClock },
];

export const CHECK_NAMES: readonly string[] = CHECKS.map(({ name }) => name);

/** Runs all checks side by side, each for so long. Errors that no port raises on purpose are thrown. */
export async function runChecks(of: Examined, timeoutMs: DurationMs): Promise<readonly CheckedFinding[]> {
  const results = await Promise.all(CHECKS.map((check) => runCheck(check, of, timeoutMs)));
  return results.flat();
}

async function runCheck(
  check: Check,
  of: Examined,
  timeoutMs: DurationMs,
): Promise<readonly CheckedFinding[]> {
  const findings = await inTime(check, of, timeoutMs);
  return findings.map((finding) => ({ check: check.name, ...finding }));
}

async function inTime(
  { name, run, needs }: Check,
  of: Examined,
  ms: DurationMs,
): Promise<readonly Finding[]> {
  const { promise: late, resolve } = Promise.withResolvers<readonly Finding[]>();
  const message = `gave no result within ${ms / SECOND_MS} s`;
  const timer = setTimeout(
    () => resolve([unchecked(name, message, "see what does not answer, or give --timeout")]),
    ms,
  );
  try {
    return await Promise.race([run(of), late]);
  } catch (error) {
    if (!(error instanceof AutoscalerError)) throw error;
    return needs ? [unchecked(name, `not looked at: ${error.message}`)] : [failure(name, error.message)];
  } finally {
    clearTimeout(timer);
  }
}

import { SECOND_MS } from "@gpu-autoscaler/core";
import { type CommandContext, EXIT } from "../command-context.ts";
import type { ClusterOptions } from "../reach/reach.ts";
import { examined } from "./examined.ts";
import { STATUSES } from "./finding.ts";
import { findingsText } from "./findings-text.ts";
import { runChecks } from "./run-checks.ts";

export interface DoctorOptions extends ClusterOptions {
  readonly json?: boolean;
  /** For each check, in seconds. */
  readonly timeout: number;
}

/**
 * Looks for what keeps the autoscaler from its work, and tells how to mend it. Nothing is changed.
 *
 * @returns the exit status: 1 where something failed
 * @throws AutoscalerError when configuration or kubeconfig is refused
 */
export async function runDoctor(options: DoctorOptions, { stdout, reach: open }: CommandContext) {
  const reach = await open();
  const cluster = await reach.cluster(options);
  try {
    const timeoutMs = options.timeout * SECOND_MS;
    cluster.allow(timeoutMs);
    const findings = await runChecks(examined(cluster), timeoutMs);
    const { cluster: name, region } = cluster.policy;
    if (options.json) {
      const counts = STATUSES.map((status) => [
        status,
        findings.filter((each) => each.status === status).length,
      ]);
      const report = { cluster: name, region, ...Object.fromEntries(counts), findings };
      stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    } else stdout.write(findingsText(name, region, findings));
    return findings.some(({ status }) => status === "failure") ? EXIT.failed : EXIT.done;
  } finally {
    await cluster.close();
  }
}

import { durationText, listed, MINUTE_MS } from "@gpu-autoscaler/core";
import type { Examined } from "../examined.ts";
import { type Finding, ok, warning } from "../finding.ts";
import { poolNodesOf } from "./gpu-nodes.ts";

/** Samples of a node that is so young may be on their way. */
const FIRST_SAMPLES_MS = 5 * MINUTE_MS;
const WHOLE_COVERAGE_MILLI = 1_000;

/** Whether the workspace answers, its rules run, and every GPU node is measured. Throws what the port throws. */
export async function checkMetrics(of: Examined): Promise<readonly Finding[]> {
  const place = of.metricsUrl ?? "metrics";
  if (of.metricsUrl === null) {
    const message = "no workspace is named: utilization is unknown, and nothing is done that depends on it";
    const mend =
      "give --metrics-url, or set METRICS_URL: sst deploy prints the prometheusEndpoint of each cluster's workspace";
    return [warning(place, message, mend)];
  }
  const { at, measurements } = await of.eyes.gpuMetrics.readMeasurements();
  const ageMs = of.now() - at;
  const findings: Finding[] = [];
  if (ageMs >= of.policy.staleAfterMs) {
    const message = `the rules were last evaluated ${durationText(ageMs)} ago, older than staleAfter`;
    findings.push(warning(place, message, "look at the workspace's rule evaluations"));
  }
  const measured = new Set(measurements.map(({ node }) => node));
  const nodes = await poolNodesOf(of);
  const silent = nodes.filter(
    ({ node }) => node.ready && of.now() - node.createdAt > FIRST_SAMPLES_MS && !measured.has(node.name),
  );
  if (silent.length > 0) {
    findings.push(
      warning(
        `nodes ${listed(silent.map(({ node }) => node.name))}`,
        "no GPU of theirs is measured: whether they are busy is unknown",
        "look whether the DCGM exporter runs there and the scraper reaches it (docs/adapters/metrics.md)",
      ),
    );
  }
  const patchy = measurements.filter(({ coverageMilli }) => coverageMilli < WHOLE_COVERAGE_MILLI);
  if (patchy.length > 0) {
    findings.push(
      warning(
        `GPUs of ${listed([...new Set(patchy.map(({ node }) => node))])}`,
        `${patchy.length} of ${measurements.length} GPUs lack samples of the last 5 min: such nodes do not count as underused`,
        "wait for young nodes; else let the exporter be scraped every 30 s",
      ),
    );
  }
  const measuredText = `${measurements.length} GPUs measured, ${durationText(Math.max(0, ageMs))} ago`;
  return findings.length > 0 ? findings : [ok(place, measuredText)];
}

import { INTERRUPTION_METRICS, type Metric, TICK_METRICS } from "../../functions/src/metric-table.ts";

/** `docs/metrics.md`, made from the table of the functions' metrics. */
export function metricsPage(): string {
  return [
    "# Metrics",
    "",
    "The functions write metrics to CloudWatch in the namespace `GpuAutoscaler`, in the embedded format of their logs. Each has two dimensions: `service` (`gpu-autoscaler-tick`, `gpu-autoscaler-interruption`) and `cluster`. None is by pool or node: what happens there is in the decision log, in Kubernetes Events and in the functions' logs. How long functions take, whether they fail or are throttled, Lambda tells itself (`AWS/Lambda`).",
    "",
    "This page is made from `functions/src/metric-table.ts` (`npx vitest run test/docs -u` writes it anew).",
    "",
    "## Of the tick",
    "",
    "Once for each run that held the lease. A run that found it held by another sends nothing: the other runs once more.",
    "",
    ...table(TICK_METRICS),
    "",
    "## Of interruptions",
    "",
    "Once for each batch of events.",
    "",
    ...table(INTERRUPTION_METRICS),
    "",
    "## The functions' logs",
    "",
    "JSON lines with `cluster` and the invocation's id. A tick that decides something new writes a line `decision` for each pool that acts, or of which something else is said than before: `pool`, `effects` (ten at most, and `moreEffects`), `nodes` and `rejected` (how many for each [reason](reasons.md)). What concerns no one pool has `pool` null, with `waiting` (how many pods, by reason) and `problems`. An answered event is a line `interruption`; one that could not be answered is an error that names its message and the place in it.",
    "",
  ].join("\n");
}

function table(metrics: Readonly<Record<string, Metric>>): string[] {
  return [
    "| metric | unit | meaning |",
    "|---|---|---|",
    ...Object.entries(metrics).map(([name, { unit, help }]) => `| \`${name}\` | ${unit} | ${help} |`),
  ];
}

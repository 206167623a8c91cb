import { AutoscalerError, type EpochMs, type GpuMetrics } from "@gpu-autoscaler/core";
import type { AwsAccess } from "../aws/access.ts";
import type { Series } from "./answer.ts";
import { measurementsOf } from "./measurements.ts";
import { type AmpWorkspace, openAmpWorkspace } from "./workspace.ts";

const UTILIZATION = "gpu_autoscaler:gpu_utilization:ratio";
const EVALUATED = "gpu_autoscaler:rules:evaluated";

/** GPUs that one query names; a name is 40 characters. */
const MOST_NAMES = 200;

/**
 * GPU measurements by the results of deploy/recording-rules.yaml: two queries side by side, and one
 * more while there are GPUs that fell silent within 30 min. `cluster`: the value of the label
 * `cluster` on this cluster's series; series without that label count as its own. Throws
 * `amp-recording-rules-missing` where no rule was evaluated for 6 min, and what `openAmpWorkspace`
 * throws: then utilization is unknown.
 */
export function createAmpMetrics(access: AwsAccess, workspaceUrl: string, cluster: string): GpuMetrics {
  const workspace = openAmpWorkspace(access, workspaceUrl);
  const ours = `cluster=~${literal(["", cluster])}`;
  const utilization = `${UTILIZATION}{${ours}}`;
  // All samples of the mean's 5 min, and of another for an evaluation that is late.
  const lately = `{__name__=~"${UTILIZATION}|${EVALUATED}",${ours}}[6m]`;
  // By series, and not by GPU: what ends with each pod is told apart below, which costs the server less.
  const ended = `last_over_time(${utilization}[30m]) unless last_over_time(${utilization}[6m])`;
  return {
    async readMeasurements() {
      const now = access.clock.now();
      const [recent, past] = await Promise.all([workspace.query(lately, now), workspace.query(ended, now)]);
      const at = lastEvaluation(recent);
      if (at === null) throw rulesMissing(workspaceUrl);
      const measured = recent.filter(({ metric }) => metric.__name__ === UTILIZATION);
      const silent = await readSilent(workspace, silentGpus(measured, past), ours, now);
      return { at, measurements: measurementsOf([...measured, ...silent], at) };
    },
  };
}

/** The samples of the last half hour of GPUs that gave none lately. */
async function readSilent(
  workspace: AmpWorkspace,
  gpus: readonly string[],
  ours: string,
  now: EpochMs,
): Promise<Series[]> {
  const queries: string[] = [];
  for (let i = 0; i < gpus.length; i += MOST_NAMES) {
    const some = gpus.slice(i, i + MOST_NAMES);
    queries.push(`${UTILIZATION}{${ours},gpu=~${literal(some)}}[30m]`);
  }
  const answers = await Promise.all(queries.map((query) => workspace.query(query, now)));
  return answers.flat();
}

/** A GPU is its name and node: one that moved with its instance to another node is silent on the first. */
function silentGpus(measured: readonly Series[], past: readonly Series[]): string[] {
  const keyOf = ({ metric: { node, gpu } }: Series) => `${node}\n${gpu}`;
  const known = new Set(measured.map(keyOf));
  const silent = past.filter((series) => !known.has(keyOf(series)));
  return [...new Set(silent.map(({ metric }) => metric.gpu ?? ""))].filter((gpu) => gpu !== "");
}

/** A regular expression that matches these texts, as PromQL quotes it. */
function literal(texts: readonly string[]): string {
  return JSON.stringify(texts.map((text) => text.replace(/[^A-Za-z0-9_-]/g, "\\$&")).join("|"));
}

function lastEvaluation(series: readonly Series[]): EpochMs | null {
  const times = series.flatMap(({ metric, values }) =>
    metric.__name__ === EVALUATED ? (values.at(-1)?.[0] ?? []) : [],
  );
  return times.length > 0 ? Math.round(Math.max(...times) * 1_000) : null;
}

function rulesMissing(workspaceUrl: string): AutoscalerError {
  return new AutoscalerError(
    "amp-recording-rules-missing",
    `no recording rule of the autoscaler was evaluated in ${workspaceUrl} within 6 min: load deploy/recording-rules.yaml into the workspace, and look at its rule evaluations`,
    { retryable: true, data: { workspaceUrl } },
  );
}

import { type EpochMs, type GpuMeasurement, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import type { Series } from "./answer.ts";

/** How often the rules are evaluated. */
const RULE_PERIOD_MS = 15 * SECOND_MS;
/** Of the mean. */
const WINDOW_MS = 5 * MINUTE_MS;
const SAMPLES_DUE = WINDOW_MS / RULE_PERIOD_MS;
/** How much older than its evaluation a sample may be: the rule takes none that is older than 41 s. */
const SAMPLE_AGE_MS = 41 * SECOND_MS;

/** One GPU, as the series of the pods that held it tell of it. */
interface Gpu {
  readonly node: string;
  readonly gpu: string;
  /** Thousandths by time of evaluation. */
  readonly samples: Map<EpochMs, number>;
  /** When each pod was last told to hold it, by `namespace/name`. */
  readonly holders: Map<string, EpochMs>;
}

/**
 * Puts together what is known of each GPU, in the order of nodes and GPUs. A GPU that several pods
 * share, or that went from pod to pod, has a series for each: they tell of the same samples, so the
 * largest of a time counts once. `series`: of the last minutes, with all samples. `at`: the last
 * evaluation.
 */
export function measurementsOf(series: readonly Series[], at: EpochMs): GpuMeasurement[] {
  const gpus = new Map<string, Gpu>();
  for (const { metric, values } of series) {
    const { node = "", gpu = "", namespace = "", pod = "" } = metric;
    if (node === "" || gpu === "") continue;
    const known = entry(gpus, node, gpu);
    for (const [seconds, text] of values) {
      const [atMs, value] = [Math.round(seconds * 1_000), Number(text)];
      if (!(value >= 0 && value <= 1) || atMs > at) continue;
      const milli = Math.round(value * 1_000);
      known.samples.set(atMs, Math.max(milli, known.samples.get(atMs) ?? 0));
      if (pod !== "" && namespace !== "") {
        const holder = `${namespace}/${pod}`;
        known.holders.set(holder, Math.max(atMs, known.holders.get(holder) ?? 0));
      }
    }
  }
  return [...gpus.values()].flatMap((gpu) => measurementOf(gpu, at) ?? []).sort(byNodeAndGpu);
}

function entry(gpus: Map<string, Gpu>, node: string, gpu: string): Gpu {
  const key = `${node}\n${gpu}`;
  const known = gpus.get(key) ?? { node, gpu, samples: new Map(), holders: new Map() };
  gpus.set(key, known);
  return known;
}

function measurementOf({ node, gpu, samples, holders }: Gpu, at: EpochMs): GpuMeasurement | null {
  const lastAt = Math.max(...samples.keys());
  const last = samples.get(lastAt);
  if (last === undefined) return null;
  const inWindow = [...samples].flatMap(([time, milli]) => (time > at - WINDOW_MS ? milli : []));
  const sum = inWindow.reduce((total, milli) => total + milli, 0);
  return {
    node,
    gpu,
    pods: [...holders].flatMap(([pod, until]) => (until === lastAt ? pod : [])).sort(),
    // No later than the sample: use before it must not pass for use after it.
    lastSampleAt: lastAt - SAMPLE_AGE_MS,
    lastUtilizationMilli: last,
    meanUtilizationMilli: inWindow.length > 0 ? Math.round(sum / inWindow.length) : last,
    coverageMilli: Math.min(1_000, Math.round((inWindow.length * 1_000) / SAMPLES_DUE)),
  };
}

function byNodeAndGpu(a: GpuMeasurement, b: GpuMeasurement): number {
  const [x, y] = a.node === b.node ? [a.gpu, b.gpu] : [a.node, b.node];
  return x < y ? -1 : x > y ? 1 : 0;
}

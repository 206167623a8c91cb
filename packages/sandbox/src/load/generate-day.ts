import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { type Choices, JOB_KINDS, type JobKind } from "./job-kinds.ts";
import type { PodRow } from "./pod-row.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GIB = 1024 ** 3;

export interface DayOptions {
  readonly seed: number;
  /** Pods are submitted for so many days; the last run on beyond them. */
  readonly days?: number;
}

/**
 * The built-in load: days of training, batch and serving pods of a team of some dozen people, all
 * drawn from a seed, by the parameters of `JOB_KINDS`. The same options give the same rows.
 *
 * Jobs of each kind arrive as a Poisson process whose rate swings by a cosine over the day. Run
 * times are log-normal: the median is short and the tail heavy, as in every published trace of GPU
 * clusters. A day has about 1,500 pods, and holds at its peak 60 to 120 GPUs.
 *
 * @returns rows by time of submission, then by name
 */
export function generateDay({ seed, days = 1 }: DayOptions): PodRow[] {
  const random = xoroshiro128plus(seed);
  const rows: PodRow[] = [];
  for (const kind of JOB_KINDS) {
    // Each kind draws from a stream of its own, so that a change in one leaves the others as they are.
    random.jump();
    const stream = random.clone();
    let number = 0;
    for (const submitMs of arrivals(stream, kind, days * DAY_MS)) {
      number += 1;
      rows.push(...job(stream, kind, `${kind.name}-${String(number).padStart(4, "0")}`, submitMs));
    }
  }
  return rows.sort((a, b) => a.submitMs - b.submitMs || (a.name < b.name ? -1 : 1));
}

/** Times of a Poisson process with a daily swing, by thinning (Lewis and Shedler, 1979). */
function* arrivals(random: RandomGenerator, kind: JobKind, untilMs: number): Generator<number> {
  const mostPerMs = (kind.jobsPerDay / DAY_MS) * (1 + kind.swing);
  let atMs = 0;
  for (;;) {
    atMs += -Math.log(1 - uniformFloat64(random)) / mostPerMs;
    if (atMs >= untilMs) return;
    const phase = (2 * Math.PI * (atMs - kind.peakHour * HOUR_MS)) / DAY_MS;
    const rate = (1 + kind.swing * Math.cos(phase)) / (1 + kind.swing);
    if (uniformFloat64(random) < rate) yield Math.round(atMs / 1_000) * 1_000;
  }
}

/** One job: a pod, or a gang of them. */
function job(random: RandomGenerator, kind: JobKind, name: string, submitMs: number): PodRow[] {
  const { gpus, pods } = draw(random, kind.sizes);
  const { cpuMilli, memoryGiB } = draw(random, kind.perGpu);
  const gpuMilli = gpus === 1 ? draw(random, kind.gpuMilli) : 1_000;
  const base: Omit<PodRow, "name"> = {
    submitMs,
    durationMs: runTime(random, kind),
    gpus,
    gpuMilli,
    gpuModels: [],
    cpuMilli: gpus * cpuMilli,
    memoryBytes: gpus * memoryGiB * GIB,
    priority: draw(random, kind.priority),
    class: kind.class,
    namespace: draw(random, kind.namespaces),
    gang: pods > 1 ? name : null,
  };
  if (pods === 1) return [{ ...base, name }];
  return Array.from({ length: pods }, (_, at) => ({ ...base, name: `${name}-${at}` }));
}

/** Log-normal within the kind's bounds, in whole seconds. */
function runTime(random: RandomGenerator, kind: JobKind): number {
  // Box and Muller, 1958.
  const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
  const normal = radius * Math.cos(2 * Math.PI * uniformFloat64(random));
  const seconds = kind.medianMinutes * 60 * Math.exp(kind.sigma * normal);
  return Math.round(Math.min(Math.max(seconds, 10), kind.longestHours * 3_600)) * 1_000;
}

/** One of them, by their weights. */
function draw<T>(random: RandomGenerator, choices: Choices<T>): T {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  let left = uniformFloat64(random) * total;
  let [chosen] = choices;
  for (const choice of choices) {
    chosen = choice;
    left -= choice.weight;
    if (left < 0) break;
  }
  return chosen.value;
}

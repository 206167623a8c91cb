import { SECOND_MS } from "@gpu-autoscaler/core";
import { type PodRow, type SpotUse, WEATHERS } from "@gpu-autoscaler/sandbox";
import * as fc from "fast-check";

type Kind = Omit<PodRow, "name" | "memoryBytes" | "cpuMilli">;

/** What differs from one kind of small load to another. */
interface SmallLoad {
  readonly submitMs: fc.Arbitrary<number>;
  readonly durationMs?: fc.Arbitrary<number>;
  readonly gpuMilli?: fc.Arbitrary<number>;
  readonly class?: fc.Arbitrary<PodRow["class"]>;
}

/** A pod of a small load, but for its name and what it asks for beside GPUs. */
export function aKind(load: SmallLoad): fc.Arbitrary<Kind> {
  return fc.record({
    durationMs: fc.integer({ min: 5, max: 9_000 }).map((seconds) => seconds * SECOND_MS),
    gpus: fc.constantFrom(1, 1, 1, 2, 4, 8),
    gpuMilli: fc.constantFrom(1_000, 1_000, 250),
    gpuModels: fc.constant([]),
    priority: fc.constantFrom("high", "normal", "low"),
    class: fc.constantFrom("training", "batch", "serving"),
    namespace: fc.constantFrom("a", "b"),
    gang: fc.constantFrom(null, null, null, "gang"),
    ...load,
  });
}

/** The row of a pod: a gang's are of one namespace. */
export function rowOf(kind: Kind, i: number, cpusAGpu = 2, gibACpu = 4): PodRow {
  return {
    ...kind,
    name: `pod-${i}`,
    namespace: kind.gang === null ? kind.namespace : "a",
    cpuMilli: kind.gpus * cpusAGpu * 1_000,
    memoryBytes: kind.gpus * cpusAGpu * gibACpu * 1024 ** 3,
  };
}

/** The world that a load is played in. */
export const A_WORLD = {
  spot: fc.constantFrom<SpotUse>("none", "mix", "all"),
  weather: fc.constantFrom(...WEATHERS),
  seed: fc.integer({ min: 1, max: 1_000 }),
};

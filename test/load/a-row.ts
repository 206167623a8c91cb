import type { PodRow } from "@gpu-autoscaler/sandbox";

const GIB = 1024 ** 3;

/** A pod of one GPU that runs for an hour, with changes. */
export function aRow(changes: Partial<PodRow> = {}): PodRow {
  return {
    name: "pod",
    submitMs: 0,
    durationMs: 3_600_000,
    gpus: 1,
    gpuMilli: 1_000,
    gpuModels: [],
    cpuMilli: 2_000,
    memoryBytes: 8 * GIB,
    priority: "normal",
    class: "training",
    namespace: "default",
    gang: null,
    ...changes,
  };
}

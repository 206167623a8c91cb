import type { Priority, WorkloadClass } from "@gpu-autoscaler/core";

/** One pod of a load: what it asks for, when it comes and how long it runs once it is bound. */
export interface PodRow {
  /** Unique in its load. */
  readonly name: string;
  /** Since the load's start. */
  readonly submitMs: number;
  readonly durationMs: number;
  /** GPUs, whole or shares: at least 1. */
  readonly gpus: number;
  /** Of each GPU asked for, in thousandths: 1 to 1000; 1000 is a whole one. */
  readonly gpuMilli: number;
  /** GPU models that serve it, in lower case; empty for any. */
  readonly gpuModels: readonly string[];
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly priority: Priority;
  readonly class: WorkloadClass;
  readonly namespace: string;
  /** Rows of one gang are placed together or not at all. */
  readonly gang: string | null;
}

/** A whole GPU in `PodRow.gpuMilli`. */
export const WHOLE_GPU_MILLI = 1_000;

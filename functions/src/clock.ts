import type { Clock } from "@gpu-autoscaler/core";

/** The machine's. */
export const clock: Clock = { now: () => Date.now() };

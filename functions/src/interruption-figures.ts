import type { Answer } from "@gpu-autoscaler/core";
import type { Figures, INTERRUPTION_METRICS } from "./metric-table.ts";

/** What a batch of events came to, for its metrics. */
export function interruptionFigures(answers: readonly Answer[]): Figures<typeof INTERRUPTION_METRICS> {
  const instances = answers.flatMap((answer) => answer.instances);
  const cordoned = instances.flatMap(({ cordonedAfterMs }) => cordonedAfterMs ?? []);
  const drained = instances.flatMap((instance) => instance.drained ?? []);
  return {
    Interruptions: instances.length,
    ...(cordoned.length > 0 && { CordonedAfterMs: Math.max(...cordoned) }),
    PodsEvicted: drained.reduce((sum, { evicted }) => sum + evicted, 0),
    PodsLeft: drained.reduce((sum, { left }) => sum + left.length, 0),
  };
}

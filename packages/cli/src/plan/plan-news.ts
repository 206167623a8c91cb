import { createReasonTeller, timeText } from "@gpu-autoscaler/core";
import { effectText, nodeLine } from "./plan-lines.ts";
import type { PlanView } from "./plan-view.ts";

/** What differs from the plan before, a line each: "+" is new, "-" is no longer so. "" when nothing does. */
export function planNews(view: PlanView, before: PlanView): string {
  const [now, then] = [factsOf(view), factsOf(before)];
  const came = now.filter((fact) => !then.includes(fact)).map((fact) => `+ ${fact}`);
  const went = then.filter((fact) => !now.includes(fact)).map((fact) => `- ${fact}`);
  const lines = [...went, ...came];
  if (lines.length === 0) return "";
  return `${timeText(view.preview.plan.decidedAt)}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** Effects without their keys, which differ from launch to launch. */
function factsOf({ pools, waiting, others, problems }: PlanView): string[] {
  const brief = () => createReasonTeller();
  return [
    ...pools.flatMap(({ name, effects, nodes, isPaused }) => [
      ...(isPaused ? [`pool ${name}: paused`] : []),
      ...effects.map((effect) => `pool ${name}: ${effectText(effect)}: ${brief()([effect.reason])}`),
      ...nodes.map((node) => `pool ${name}: keeps ${nodeLine(node, brief())}`),
    ]),
    ...waiting.flatMap(({ pods, outcomes }) =>
      outcomes
        .filter(({ effect }) => effect === null)
        .map(({ count, reason }) => `${count} of ${pods.length} pods like ${pods[0]}: ${brief()([reason])}`),
    ),
    ...others.map((node) => nodeLine(node, brief())),
    ...problems.map((problem) => brief()([problem])),
  ];
}

import {
  counted,
  type DemandDecision,
  type Effect,
  explainLaunch,
  explainPod,
  explanationText,
  indent,
  type NodeDecision,
  type ReasonTeller,
} from "@gpu-autoscaler/core";
import type { PlanView } from "./plan-view.ts";

/** What would be done, in a line: "cordon ip-10-0-0-7.ec2.internal, taint gpu-autoscaler.io/draining". */
export function effectText(effect: Effect): string {
  switch (effect.kind) {
    case "LaunchInstances":
      return `launch ${effect.count} × ${effect.group} in ${effect.zone}`;
    case "SetDesiredCapacity":
      return `set the desired capacity of ${effect.group} from ${effect.from} to ${effect.to}`;
    case "CordonNode":
      return `cordon ${effect.node}, taint ${effect.taint.key}`;
    case "UncordonNode":
      return `uncordon ${effect.node}`;
    case "EvictPod":
      return `evict ${effect.namespace}/${effect.name} from ${effect.node}`;
    case "TerminateInstances":
      return `terminate ${effect.instances.map(({ id, node }) => (node === null ? id : `${id} (${node})`)).join(", ")} of ${effect.group}`;
  }
}

/** The effect and why; of a launch what it was weighed against, too. */
export function effectLines(effect: Effect, { preview }: PlanView, tell: ReasonTeller): string[] {
  const launch = explainLaunch(preview.plan, effect.key);
  if (!launch) return [effectText(effect), ...indent([tell([effect.reason])])];
  // Header and time are told already; the rest begins with the pods that it is for.
  const [, , ...why] = explanationText(launch).trimEnd().split("\n");
  return [
    `${effectText(effect)}  (${effect.key})`,
    ...indent([tell([effect.reason]), ...why.filter((line) => line !== "")]),
  ];
}

export function nodeLine({ node, reasons }: NodeDecision, tell: ReasonTeller): string {
  return `${node}: ${tell(reasons)}`;
}

/** Pods of one kind that are not launched for, by the story of the first. */
export function waitingLines({ pods, outcomes }: DemandDecision, { preview }: PlanView): string[] {
  const [first = "", ...others] = pods;
  const story = explainPod(preview.snapshot, preview.plan, first);
  const lines = story ? explanationText(story).trimEnd().split("\n") : [`pod ${first}`];
  const counts = outcomes.map(({ count, reason }) => `${count} × ${reason.code}`).join(", ");
  const alike = others.length > 0 ? [`and ${counted(others.length, "pod")} like it: ${counts}`] : [];
  return [...lines.filter((line) => line !== ""), ...alike];
}

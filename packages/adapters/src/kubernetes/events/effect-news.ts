import type { Effect, Outcome, TickRecord } from "@gpu-autoscaler/core";
import { type News, reasonText } from "./news.ts";

/** What was done to nodes and pods, or not and why. */
export function effectNews({ effects, outcomes }: TickRecord): News[] {
  const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  return effects.flatMap((effect) => {
    const outcome = byKey.get(effect.key);
    return outcome === undefined ? [] : told(effect, outcome);
  });
}

function told(effect: Effect, outcome: Outcome): News[] {
  const because = reasonText(effect.reason);
  switch (effect.kind) {
    case "CordonNode":
      return [
        aboutNode(effect.node, effect, outcome, `cordoned under the taint ${effect.taint.key}`, because),
      ];
    case "UncordonNode":
      return [aboutNode(effect.node, effect, outcome, "uncordoned", because)];
    case "TerminateInstances":
      return effect.instances.flatMap(({ id, node }) =>
        node === null ? [] : aboutNode(node, effect, outcome, `its instance ${id} is terminated`, because),
      );
    case "EvictPod": {
      const { namespace, name, node } = effect;
      const act = `evicted from node ${node}`;
      return [{ ...aboutNode(node, effect, outcome, act, because), kind: "Pod", namespace, name }];
    }
    case "LaunchInstances":
    case "SetDesiredCapacity":
      // Of those the pods are told that they are for.
      return [];
  }
}

function aboutNode(name: string, effect: Effect, outcome: Outcome, act: string, because: string): News {
  const { status, reason } = outcome;
  const isAsPlanned = status === "done" || status === "dry-run";
  const fate = reason === null ? "" : ` Not done: ${reasonText(reason)}`;
  return {
    kind: "Node",
    namespace: "",
    name,
    isWarning: !isAsPlanned,
    reason: effect.reason.code,
    message: `${status === "done" ? "" : "to be "}${act}: ${because}${fate}`,
  };
}

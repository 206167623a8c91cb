import type { Plan } from "../model/plan.ts";
import { hasEnded, type Pod } from "../model/pod.ts";
import { asksForGpu } from "../model/resources.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { gangOf } from "../model/workload.ts";
import { askedText } from "./asked-gpus.ts";
import { actOf } from "./decision.ts";
import type { PodEvent, PodExplanation } from "./explanation.ts";
import { decisionOfPod } from "./pod-decision.ts";

/**
 * Why a pod (`namespace/name`) is still pending, or where it is, as the plan of this snapshot sees
 * it; null when the snapshot has no such pod.
 */
export function explainPod(snapshot: Snapshot, plan: Plan, name: string): PodExplanation | null {
  const pod = snapshot.pods.find((each) => `${each.namespace}/${each.name}` === name);
  if (!pod) return null;
  const decision = decisionOfPod(plan, name);
  const story: PodEvent[] = [{ event: "Created", at: pod.createdAt }];
  if (decision && pod.nodeName === null) story.push(decision.decided);
  if (pod.nodeName !== null) {
    const node = snapshot.nodes.find((each) => each.name === pod.nodeName);
    story.push({
      event: "On",
      at: plan.decidedAt,
      node: pod.nodeName,
      instance: node?.instanceId ?? null,
    });
  }
  for (const effect of plan.effects) {
    if (effect.kind === "EvictPod" && effect.uid === pod.uid)
      story.push({ event: "Evicted", at: plan.decidedAt, ...actOf(plan, effect) });
  }
  return {
    kind: "pod",
    cluster: snapshot.cluster,
    name,
    at: plan.decidedAt,
    standing: standingOf(pod),
    node: pod.nodeName ?? pod.nominatedNodeName,
    asksFor: askedText(pod.requests),
    gang: gangOf(pod)?.key ?? null,
    story,
  };
}

function standingOf(pod: Pod): PodExplanation["standing"] {
  if (!asksForGpu(pod.requests)) return "no-gpu";
  if (hasEnded(pod) || pod.deletedAt !== null) return "ended";
  if (pod.nodeName !== null) return "bound";
  return pod.nominatedNodeName === null ? "waiting" : "nominated";
}

import { INSTANCE_TYPE_LABEL, POOL_LABEL, ZONE_LABEL } from "../model/keys.ts";
import type { Node } from "../model/node.ts";
import type { Effect, Plan } from "../model/plan.ts";
import { type Reason, reason } from "../model/reason.ts";
import { isGpuResource } from "../model/resources.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { EpochMs } from "../model/units.ts";
import { actOf } from "./decision.ts";
import type { Holders, NodeEffect, NodeEvent, NodeExplanation } from "./explanation.ts";
import { holdersOf } from "./holders.ts";

/**
 * Why a node is still there, or goes, as the plan of this snapshot sees it. `name` is a node's, or an
 * instance's id. null when the snapshot has neither.
 */
export function explainNode(snapshot: Snapshot, plan: Plan, name: string): NodeExplanation | null {
  const node = snapshot.nodes.find((each) => each.name === name || each.instanceId === name) ?? null;
  const instance = instanceOf(snapshot, plan, node?.instanceId ?? name);
  if (!node && !instance) return null;
  const subject: Subject = {
    node,
    instance,
    holders: node && holdersOf(snapshot, node),
    decided: plan.nodes.filter((each) => each.node === node?.name),
    effects: plan.effects.flatMap((effect) => asOnNode(effect, node?.name ?? null, instance?.id ?? null)),
  };
  const decided = subject.decided.find(({ pool }) => pool !== null);
  return {
    kind: "node",
    cluster: snapshot.cluster,
    name: node?.name ?? name,
    at: plan.decidedAt,
    standing: standingOf(subject, plan),
    pool: decided?.pool ?? node?.labels[POOL_LABEL] ?? null,
    group: instance?.group ?? null,
    instance: instance?.id ?? node?.instanceId ?? null,
    instanceType: instance?.instanceType ?? node?.labels[INSTANCE_TYPE_LABEL] ?? null,
    zone: instance?.zone ?? node?.labels[ZONE_LABEL] ?? null,
    story: storyOf(subject, plan),
  };
}

/** What is known of the node that is asked about. */
interface Subject {
  readonly node: Node | null;
  readonly instance: KnownInstance | null;
  readonly holders: Holders | null;
  readonly decided: Plan["nodes"];
  readonly effects: readonly NodeEffect[];
}

interface KnownInstance {
  readonly id: string;
  readonly group: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly launchedAt: EpochMs;
}

/** As Auto Scaling lists it, else as its launch was answered. */
function instanceOf({ groups }: Snapshot, { state }: Plan, id: string): KnownInstance | null {
  for (const { name: group, instances } of groups) {
    const listed = instances.find((each) => each.id === id);
    if (listed) return { ...listed, group };
  }
  for (const { group, createdAt: launchedAt, instances } of Object.values(state.launches)) {
    const launched = instances?.find((each) => each.id === id);
    if (launched) return { ...launched, group, launchedAt };
  }
  return null;
}

export function asOnNode(
  effect: Effect,
  node: string | null,
  instance: string | null,
): readonly NodeEffect[] {
  switch (effect.kind) {
    case "CordonNode":
    case "UncordonNode":
    case "EvictPod":
      return effect.node === node ? [effect] : [];
    case "TerminateInstances":
      return effect.instances.some(({ id }) => id === instance) ? [effect] : [];
    case "LaunchInstances":
    case "SetDesiredCapacity":
      return [];
  }
}

function standingOf({ node, instance, holders, decided, effects }: Subject, plan: Plan) {
  if (!instance) return isAnyStale(plan, ["GroupsStale", "NodesStale"]) ? "unknown" : "foreign";
  const isEnding = effects.some(({ kind }) => kind === "TerminateInstances");
  if (isEnding || (node !== null && node.name in plan.state.draining)) return "leaving";
  if (!node || isUpcoming(node, instance.id, plan)) return "upcoming";
  return holders && !decided.some(({ reasons }) => reasons.some(keepsNode)) ? "held" : "kept";
}

/** That GPUs are missing is a remark, and keeps no node. */
function keepsNode({ code }: Reason): boolean {
  return code !== "GpusMissing";
}

function isUpcoming(node: Node, instance: string, { state }: Plan): boolean {
  const isAwaited = Object.values(state.launches).some(({ instances }) =>
    instances?.some(({ id }) => id === instance),
  );
  const hasGpus = Object.entries(node.allocatable.extended).some(
    ([name, count]) => isGpuResource(name) && count > 0,
  );
  return isAwaited && !(node.ready && hasGpus);
}

function isAnyStale({ problems }: Plan, codes: readonly Reason["code"][]): boolean {
  return problems.some(({ code }) => codes.includes(code));
}

function storyOf(subject: Subject, plan: Plan): NodeEvent[] {
  const { instance, holders, effects } = subject;
  const at = plan.decidedAt;
  const story: NodeEvent[] = [];
  if (instance) story.push({ event: "Launched", at: instance.launchedAt, launch: null, for: [] });
  story.push(...noted(subject, plan));
  if (holders) story.push({ event: "Held", at, ...holders });
  const reasons = whyKept(subject, plan);
  if (reasons.length > 0) story.push({ event: "Kept", at, until: null, reasons });
  for (const effect of effects) story.push({ event: "Done", at, ...actOf(plan, effect) });
  return story.sort((a, b) => a.at - b.at);
}

/** What the state remembers of it. */
function noted({ node, instance }: Subject, { state }: Plan): Extract<NodeEvent, { event: "Noted" }>[] {
  const id = instance?.id ?? "";
  const since = {
    Empty: state.emptySince[id],
    Underused: state.underusedSince[id],
    Draining: state.draining[node?.name ?? ""]?.since,
    RestingUntil: state.drainRests[id],
  };
  const { Empty, Underused, Draining, RestingUntil } = since;
  const times = [
    ["Empty", Empty],
    ["Underused", Underused],
    ["Draining", Draining],
    ["RestingUntil", RestingUntil],
  ] as const;
  return times.flatMap(([what, at]) => (at === undefined ? [] : [{ event: "Noted", what, at }]));
}

/** As decided; where nothing was decided of a node that nobody holds, because nothing could be. */
function whyKept({ instance, node, holders, decided, effects }: Subject, plan: Plan): readonly Reason[] {
  const reasons = decided.flatMap((each) => each.reasons);
  if (reasons.length > 0 || effects.length > 0 || !node) return reasons;
  const stale = plan.problems.filter(({ code }) => STOPS_REMOVAL.has(code));
  if (instance) return holders ? [] : stale;
  return stale.length > 0 ? stale : [reason("NotAutoscaled")];
}

const STOPS_REMOVAL: ReadonlySet<string> = new Set(["NodesStale", "PodsStale", "GroupsStale"]);

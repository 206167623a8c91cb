import { type CompiledPod, compilePod, equivalenceKey } from "../fit/index.ts";
import { hasEnded, type Pod } from "../model/pod.ts";
import type { Policy } from "../model/policy.ts";
import { type Reason, reason } from "../model/reason.ts";
import { asksForGpu, largestGpuRequest } from "../model/resources.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { compareText } from "../model/text.ts";
import { gangOf, isInterruptible, isMovableKind, type Priority, priorityOf } from "../model/workload.ts";
import { append } from "./append.ts";
import type { Reconsider } from "./reconsider.ts";

/** Equivalent pods that want GPUs and have no node. Their order is by age, then name. */
export interface DemandGroup {
  readonly pods: readonly Pod[];
  readonly compiled: CompiledPod;
  readonly priority: Priority;
  /** Whether Spot may serve them; `avoided` when interruptions kept them from finishing before. */
  readonly spot: "allowed" | "avoided" | "forbidden";
  /** They waited long enough: nodes may be launched for them. */
  readonly mature: boolean;
  /** The GPU resource that they ask for, and how much of it; the largest when there are several. */
  readonly gpuResource: string;
  readonly gpuAmount: number;
}

/** Pods that are placed together or not at all. */
export interface GangDemand {
  readonly name: string;
  readonly topologyKey: string | null;
  /** Its pods without a node, in groups of equivalent ones, largest first. */
  readonly groups: readonly DemandGroup[];
  /** Its pods that have a node already. */
  readonly bound: readonly Pod[];
  readonly mature: boolean;
}

export interface Demand {
  /** In the order in which they are placed: priority, then size, then age, then name. */
  readonly groups: readonly DemandGroup[];
  /** In the same order by their largest pod. */
  readonly gangs: readonly GangDemand[];
  /** Pods that want a GPU and are no demand, with the reason. */
  readonly excluded: readonly { readonly pod: Pod; readonly reason: Reason }[];
}

/** Unschedulable GPU pods, grouped. A pod that kube-scheduler has not judged yet is never mature. */
export function collectDemand(snapshot: Snapshot, policy: Policy, reconsider: Reconsider): Demand {
  const judge = createJudge(snapshot, policy, reconsider);
  const singles = new Map<string, Pod[]>();
  const gangs = new Map<string, Pod[]>();
  const excluded: { pod: Pod; reason: Reason }[] = [];
  for (const pod of snapshot.pods) {
    if (pod.nodeName !== null || pod.nominatedNodeName !== null || pod.deletedAt !== null) continue;
    if (hasEnded(pod) || !asksForGpu(pod.requests)) continue;
    const gang = gangOf(pod);
    const why = whyNoDemand(pod, gang !== null);
    if (why) excluded.push({ pod, reason: why });
    else if (gang) append(gangs, gang.key, pod);
    else append(singles, kindOf(pod, judge, judge.isMature(pod)), pod);
  }
  const complete = gangDemand(gangs, snapshot, judge, excluded);
  return {
    groups: [...singles.values()]
      .map((pods) => demandGroup(pods, judge, judge.isMature))
      .sort(byPlacementOrder),
    gangs: complete.sort((a, b) => compareFirst(a.groups, b.groups)),
    excluded: excluded.sort((a, b) => byAge(a.pod, b.pod)),
  };
}

function whyNoDemand(pod: Pod, inGang: boolean): Reason | null {
  if (pod.usesResourceClaims) return reason("ResourceClaimsUnsupported");
  if (pod.volumeProblem !== null) return reason("VolumeNotReady", pod.volumeProblem);
  if (pod.schedulingGates.length > 0 && !inGang) {
    return reason("SchedulingGated", pod.schedulingGates.join(", "));
  }
  return null;
}

/** What of a pod depends on time, policy and what happened to it before. */
interface Judge {
  isMature(pod: Pod): boolean;
  spotFor(pod: Pod): DemandGroup["spot"];
}

/**
 * A pod that starts over and was interrupted so often goes on without Spot. How long a pod runs
 * nobody tells, but interruptions meet the long ones, which would lose more than Spot saves.
 */
const MOST_INTERRUPTIONS = 1;

function createJudge({ state }: Snapshot, policy: Policy, reconsider: Reconsider): Judge {
  const displacement = (pod: Pod) => (pod.owner ? state.displaced[pod.owner.uid] : undefined);
  return {
    isMature(pod) {
      const displaced = displacement(pod);
      if (displaced && !reconsider.reached(displaced.until)) return true;
      const since = pod.schedulingGates.length > 0 ? pod.createdAt : pod.unschedulableSince;
      return since !== null && reconsider.reached(since + policy.scaleUp.pendingForMs[priorityOf(pod)]);
    },
    spotFor(pod) {
      if (!isInterruptible(pod, policy.spot.interruptibleClasses)) return "forbidden";
      const startsOver = !isMovableKind(pod);
      return startsOver && (displacement(pod)?.times ?? 0) >= MOST_INTERRUPTIONS ? "avoided" : "allowed";
    },
  };
}

/** The same for pods that are one to the decision. */
function kindOf(pod: Pod, judge: Judge, mature: boolean): string {
  return `${priorityOf(pod)} ${mature ? "mature" : ""} ${judge.spotFor(pod)} ${equivalenceKey(pod)}`;
}

function demandGroup(pods: Pod[], judge: Judge, isMature: (pod: Pod) => boolean): DemandGroup {
  pods.sort(byAge);
  const [first] = pods;
  if (!first) throw new RangeError("a demand group has at least one pod");
  return {
    pods,
    compiled: compilePod(first),
    priority: priorityOf(first),
    spot: judge.spotFor(first),
    mature: isMature(first),
    ...largestGpuRequest(first.requests),
  };
}

/** Gangs that are complete; the pods of the others join `excluded`. */
function gangDemand(
  pending: ReadonlyMap<string, Pod[]>,
  snapshot: Snapshot,
  judge: Judge,
  excluded: { pod: Pod; reason: Reason }[],
): GangDemand[] {
  if (pending.size === 0) return [];
  const others = membersElsewhere(pending, snapshot);
  const demands: GangDemand[] = [];
  for (const [name, pods] of pending) {
    const elsewhere = others.get(name) ?? [];
    const why = whyGangWaits(pods, pods.length + elsewhere.length);
    if (why) {
      for (const pod of pods) excluded.push({ pod, reason: why });
      continue;
    }
    // One that waited long enough is enough: the gang goes as a whole.
    const mature = pods.filter(judge.isMature).length > 0;
    const byKey = new Map<string, Pod[]>();
    for (const pod of pods) append(byKey, kindOf(pod, judge, mature), pod);
    demands.push({
      name,
      topologyKey: pods.map((pod) => gangOf(pod)?.topologyKey ?? null).sort()[0] ?? null,
      groups: [...byKey.values()]
        .map((each) => demandGroup(each, judge, () => mature))
        .sort(byPlacementOrder),
      bound: elsewhere.filter((pod) => pod.nodeName !== null && !hasEnded(pod)),
      mature,
    });
  }
  return demands;
}

/** Pods of these gangs that are not pending: bound, running, or run to their end. */
function membersElsewhere(pending: ReadonlyMap<string, Pod[]>, snapshot: Snapshot): Map<string, Pod[]> {
  const members = new Map<string, Pod[]>();
  for (const pod of snapshot.pods) {
    if (pod.nodeName === null || pod.deletedAt !== null || pod.phase === "Failed") continue;
    const gang = gangOf(pod);
    if (gang && pending.has(gang.key)) append(members, gang.key, pod);
  }
  return members;
}

function whyGangWaits(pending: readonly Pod[], present: number): Reason | null {
  const sizes = new Set(pending.map((pod) => gangOf(pod)?.size ?? Number.NaN));
  const [size = Number.NaN] = sizes;
  if (sizes.size !== 1 || Number.isNaN(size)) {
    return reason("GangSizeInvalid", `gang-size says ${[...sizes].sort().join(" and ")}`);
  }
  return present < size ? reason("GangIncomplete", `${present} of ${size} pods exist`) : null;
}

const PRIORITY_ORDER: Readonly<Record<Priority, number>> = { high: 0, normal: 1, low: 2 };

function byPlacementOrder(a: DemandGroup, b: DemandGroup): number {
  const [podA] = a.pods;
  const [podB] = b.pods;
  if (!podA || !podB) return 0;
  return (
    PRIORITY_ORDER[a.priority] - PRIORITY_ORDER[b.priority] ||
    b.gpuAmount - a.gpuAmount ||
    podB.requests.cpuMilli - podA.requests.cpuMilli ||
    podB.requests.memoryBytes - podA.requests.memoryBytes ||
    Number(b.mature) - Number(a.mature) ||
    byAge(podA, podB)
  );
}

function compareFirst(a: readonly DemandGroup[], b: readonly DemandGroup[]): number {
  const [groupA] = a;
  const [groupB] = b;
  return groupA && groupB ? byPlacementOrder(groupA, groupB) : 0;
}

function byAge(a: Pod, b: Pod): number {
  return (
    (a.unschedulableSince ?? a.createdAt) - (b.unschedulableSince ?? b.createdAt) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

import { type CompiledPod, compilePod, equivalenceKey, hasSameSpec } from "../fit/index.ts";
import { hasEnded, type Pod } from "../model/pod.ts";
import type { Policy } from "../model/policy.ts";
import { type Reason, reason } from "../model/reason.ts";
import { asksForGpu, largestGpuRequest } from "../model/resources.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { compareText } from "../model/text.ts";
import { gangOf, isInterruptible, isMovableKind, type Priority, priorityOf } from "../model/workload.ts";
import { append } from "./append.ts";
import type { Fleet } from "./fleet.ts";
import type { Reconsider } from "./reconsider.ts";

/** Equivalent pods that want GPUs and have no node. Their order is by age, then name. */
export interface DemandGroup {
  /** A number of its own among all groups of the demand, those of gangs included: 0, 1, … */
  readonly index: number;
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

/** Unschedulable GPU pods of those without a node, grouped. A pod that kube-scheduler has not judged yet is never mature. */
export function collectDemand(
  { unplaced, ganged }: Pick<Fleet, "unplaced" | "ganged">,
  snapshot: Snapshot,
  policy: Policy,
  reconsider: Reconsider,
): Demand {
  const judge = createJudge(snapshot, policy, reconsider);
  const singles = new Kinds(judge);
  const gangs = new Map<string, Pod[]>();
  const excluded: { pod: Pod; reason: Reason }[] = [];
  for (const pod of unplaced) {
    if (pod.deletedAt !== null || !asksForGpu(pod.requests)) continue;
    const gang = gangOf(pod);
    const why = whyNoDemand(pod, gang !== null);
    if (why) excluded.push({ pod, reason: why });
    else if (gang) append(gangs, gang.key, pod);
    else singles.add(pod);
  }
  const groups = singles.all.map((pods, i) => demandGroup(i, pods, judge, (pod) => judge.isMature(pod)));
  const complete = gangDemand(gangs, groups.length, ganged, judge, excluded);
  return {
    groups: groups.sort(byPlacementOrder),
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
  const displaced = new Map(Object.entries(state.displaced));
  const displacement = ({ owner }: Pod) =>
    owner === null || displaced.size === 0 ? undefined : displaced.get(owner.uid);
  return {
    isMature(pod) {
      const until = displacement(pod)?.until;
      if (until !== undefined && !reconsider.reached(until)) return true;
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

/** Pods by what they are to the decision. */
class Kinds {
  readonly #judge: Judge;
  readonly #byKey = new Map<string, Pod[]>();
  #last: { readonly pod: Pod; readonly spot: DemandGroup["spot"]; readonly mature: boolean } | null = null;
  #pods: Pod[] = [];

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  get all(): readonly Pod[][] {
    return [...this.#byKey.values()];
  }

  /** Most pods are what the one before them is: the API server lists those of one controller together. */
  add(pod: Pod): void {
    const spot = this.#judge.spotFor(pod);
    const mature = this.#judge.isMature(pod);
    const last = this.#last;
    if (last === null || last.spot !== spot || last.mature !== mature || !hasSameSpec(last.pod, pod)) {
      const key = kindOf(pod, this.#judge, mature);
      this.#pods = this.#byKey.get(key) ?? [];
      this.#byKey.set(key, this.#pods);
      this.#last = { pod, spot, mature };
    }
    this.#pods.push(pod);
  }
}

/** The same for pods that are one to the decision. */
function kindOf(pod: Pod, judge: Judge, mature: boolean): string {
  return `${priorityOf(pod)} ${mature ? "mature" : ""} ${judge.spotFor(pod)} ${equivalenceKey(pod)}`;
}

function demandGroup(index: number, pods: Pod[], judge: Judge, isMature: (pod: Pod) => boolean): DemandGroup {
  pods.sort(byAge);
  const [first] = pods;
  if (!first) throw new RangeError("a demand group has at least one pod");
  return {
    index,
    pods,
    compiled: compilePod(first),
    priority: priorityOf(first),
    spot: judge.spotFor(first),
    mature: isMature(first),
    ...largestGpuRequest(first.requests),
  };
}

/** Gangs that are complete, their groups numbered from `firstIndex`; the pods of the others join `excluded`. */
function gangDemand(
  pending: ReadonlyMap<string, Pod[]>,
  firstIndex: number,
  ganged: readonly Pod[],
  judge: Judge,
  excluded: { pod: Pod; reason: Reason }[],
): GangDemand[] {
  if (pending.size === 0) return [];
  const others = membersElsewhere(pending, ganged);
  const demands: GangDemand[] = [];
  let index = firstIndex;
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
        .map((each) => demandGroup(index++, each, judge, () => mature))
        .sort(byPlacementOrder),
      bound: elsewhere.filter((pod) => pod.nodeName !== null && !hasEnded(pod)),
      mature,
    });
  }
  return demands;
}

/** Pods of these gangs that are not pending: bound, running, or run to their end. */
function membersElsewhere(pending: ReadonlyMap<string, Pod[]>, ganged: readonly Pod[]): Map<string, Pod[]> {
  const members = new Map<string, Pod[]>();
  for (const pod of ganged) {
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

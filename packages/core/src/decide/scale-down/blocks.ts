import { selectorMatches } from "../../fit/index.ts";
import {
  DO_NOT_DISRUPT_ANNOTATION,
  SAFE_TO_EVICT_ANNOTATION,
  SCALE_DOWN_DISABLED_ANNOTATION,
} from "../../model/keys.ts";
import type { GpuMeasurement } from "../../model/measurement.ts";
import type { Node } from "../../model/node.ts";
import type { Pod, PodDisruptionBudget } from "../../model/pod.ts";
import { type Reason, reason } from "../../model/reason.ts";
import { compareText } from "../../model/text.ts";
import { type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../model/units.ts";
import { gangOf } from "../../model/workload.ts";
import type { Reconsider } from "../reconsider.ts";

/** What people wrote on the node to keep it. */
export function whyNodeIsKept(node: Node, reconsider: Reconsider): Reason | null {
  if (node.annotations[SCALE_DOWN_DISABLED_ANNOTATION] === "true")
    return reason("ScaleDownDisabledAnnotation");
  if (isProtected(node.annotations[DO_NOT_DISRUPT_ANNOTATION], node.createdAt, reconsider))
    return reason("DoNotDisrupt", `node ${node.name}`);
  return null;
}

/** What keeps the pod from being evicted, apart from budgets and from where it would go. */
export function whyPodStays(pod: Pod, reconsider: Reconsider): Reason | null {
  const name = `${pod.namespace}/${pod.name}`;
  const safeToEvict = pod.annotations[SAFE_TO_EVICT_ANNOTATION];
  if (safeToEvict === "false") return reason("NotSafeToEvictAnnotation", name);
  if (isProtected(pod.annotations[DO_NOT_DISRUPT_ANNOTATION], pod.createdAt, reconsider))
    return reason("DoNotDisrupt", name);
  // What is left of a gang could not go on without it, whether it asks for a GPU or not.
  if (gangOf(pod)) return reason("NotMovable", `${name} is of a gang`);
  if (pod.owner === null && safeToEvict !== "true") return reason("NotReplicated", name);
  return null;
}

/** Disruptions that budgets still allow, counted down as evictions are planned. */
export interface Budgets {
  /** Takes one disruption from each budget of the pods, or says which budget has too few and takes none. */
  take(pods: readonly Pod[]): Reason | null;
  /** Which of the pod's budgets has none left, or null. */
  whyNone(pod: Pod): Reason | null;
}

export function createBudgets(budgets: readonly PodDisruptionBudget[]): Budgets {
  const left = new Map(budgets.map((budget) => [budget, budget.disruptionsAllowed]));
  const of = (pod: Pod) =>
    budgets.filter(
      ({ namespace, selector }) => namespace === pod.namespace && selectorMatches(selector, pod.labels),
    );
  const whyNone = (budget: PodDisruptionBudget) =>
    reason("NotEnoughPdb", `${budget.namespace}/${budget.name}`);
  return {
    whyNone(pod) {
      const used = of(pod).find((budget) => (left.get(budget) ?? 0) < 1);
      return used ? whyNone(used) : null;
    },
    take(pods) {
      const wanted = new Map<PodDisruptionBudget, number>();
      for (const pod of pods) {
        for (const budget of of(pod)) wanted.set(budget, (wanted.get(budget) ?? 0) + 1);
      }
      for (const [budget, count] of wanted) {
        if (count > (left.get(budget) ?? 0)) return whyNone(budget);
      }
      for (const [budget, count] of wanted) left.set(budget, (left.get(budget) ?? 0) - count);
      return null;
    },
  };
}

/** For how long a busy sample keeps a node that has no GPU pod. */
const UNATTRIBUTED_USE_MS = 30 * MINUTE_MS;
/**
 * A sample is stamped no later than it was scraped, but DCGM may have measured it this much before:
 * dcgm-exporter collects every 30 s (its flag --collect-interval).
 */
const SAMPLE_LAG_MS = 30 * SECOND_MS;
/** For how long a sample that may be of before the node was empty is taken to be followed by another. */
const NEXT_SAMPLE_MS = 3 * MINUTE_MS;
/** Above what an idle GPU shows. */
const BUSY_MILLI = 50;

/**
 * Use that no pod explains: the node's last sample is of a time after its last GPU pod, within the
 * last 30 min, and busy. A busy one that may be of that pod still is too old to tell, and another
 * is waited for, as long as they may come. No sample says nothing.
 */
export function unattributedUse(
  measurements: readonly GpuMeasurement[],
  emptySince: EpochMs,
  now: EpochMs,
): Reason | null {
  const inOrder = [...measurements].sort((a, b) => compareText(a.gpu, b.gpu));
  for (const { lastSampleAt, lastUtilizationMilli, gpu } of inOrder) {
    if (lastUtilizationMilli < BUSY_MILLI) continue;
    const isOfNow = lastSampleAt > emptySince + SAMPLE_LAG_MS;
    if (now < lastSampleAt + (isOfNow ? UNATTRIBUTED_USE_MS : NEXT_SAMPLE_MS)) {
      return reason("UnattributedUse", isOfNow ? gpu : `${gpu} was not measured since`);
    }
  }
  return null;
}

/**
 * `karpenter.sh/do-not-disrupt`: "true" protects for good, a duration as Go writes it ("90m",
 * "1h30m") from the object's creation on. What is neither protects: a wish that cannot be read is
 * no leave to disrupt.
 */
function isProtected(annotation: string | undefined, createdAt: EpochMs, reconsider: Reconsider): boolean {
  if (annotation === undefined || annotation === "" || annotation === "false") return false;
  if (!/^(\d+(\.\d+)?(h|m|s|ms))+$/.test(annotation)) return true;
  let duration = 0;
  for (const [, amount, , unit] of annotation.matchAll(/(\d+(\.\d+)?)(h|ms|m|s)/g)) {
    duration += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return !reconsider.reached(createdAt + duration);
}

const UNIT_MS: Readonly<Record<string, number>> = { h: HOUR_MS, m: MINUTE_MS, s: SECOND_MS, ms: 1 };

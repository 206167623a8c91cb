import {
  type ClusterSpace,
  type DemandDecision,
  type Pod,
  type PodsOutcome,
  type Reason,
  reason,
} from "@gpu-autoscaler/core";
import { schedulableOn } from "./estimator.ts";
import type { Machine } from "./machines.ts";
import type { Cloud } from "./node-groups.ts";
import type { PodKind } from "./pod-kinds.ts";
import type { ScaleUp, ScaleUpContext } from "./scale-up.ts";

const GIBI = 1024 ** 3;

/** Where each kind of pending pod stands: for the decision log. */
export function demandDecisions(
  pending: readonly Pod[],
  { waiting, awaitsMore }: ScaleUp,
  { trial, cloud, hints, kindOf }: ScaleUpContext,
): readonly DemandDecision[] {
  const unhelped = new Set(waiting);
  return [...Map.groupBy(pending, kindOf)].map(([kind, pods]) => {
    const why = whyWaiting(kind, pods, unhelped, awaitsMore, cloud, trial.space);
    const outcomes = Map.groupBy(pods, (pod) => {
      const machine = unhelped.has(pod) ? null : trial.named(hints.get(pod.uid) ?? "");
      return machine ? whereabouts(machine) : why;
    });
    return {
      pods: pods.map(({ namespace, name }) => `${namespace}/${name}`),
      asksFor: wordsOf(kind),
      gang: null,
      outcomes: [...outcomes].map(
        ([because, some]): PodsOutcome => ({ count: some.length, reason: because, effect: null }),
      ),
      rejected: [],
    };
  });
}

const EXISTING = reason("FitsExistingNode");
const UPCOMING = reason("FitsUpcomingNode");
const LAUNCHING = reason("Launching");
const NEW = reason("PendingForNotReached", "all pods that nothing helps are younger than 30 s");
const NO_CAPACITY = reason("NoCapacityLeft", "node groups that could take it rest, or are at a limit");
const NO_GROUP = reason("NoFeasibleGroup");

function whereabouts({ node, managed }: Machine): Reason {
  if (node) return EXISTING;
  return managed ? UPCOMING : LAUNCHING;
}

function whyWaiting(
  kind: PodKind,
  pods: readonly Pod[],
  unhelped: ReadonlySet<Pod>,
  awaitsMore: boolean,
  { nodeGroups }: Cloud,
  space: ClusterSpace,
): Reason {
  if (awaitsMore || !pods.some((pod) => unhelped.has(pod))) return NEW;
  const fits = nodeGroups.some((each) => schedulableOn(each, [{ kind, pods }], space).length > 0);
  return fits ? NO_CAPACITY : NO_GROUP;
}

function wordsOf({ compiled }: PodKind): string {
  const { cpuMilli, memoryBytes, extended } = compiled.spec.requests;
  const devices = Object.entries(extended).map(([name, count]) => `${count} ${name}`);
  return [...devices, `${cpuMilli / 1_000} cpu`, `${memoryBytes / GIBI} Gi`].join(", ");
}

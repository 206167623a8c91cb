import { type LaunchInstances, type Pod, reason, type Snapshot } from "@gpu-autoscaler/core";
import type { Backoff } from "./backoff.ts";
import type { Clockwork } from "./clockwork.ts";
import { MAX_NODES_PER_SCALE_UP } from "./constants.ts";
import { estimate, type Option, type PodGroup, podGroups, schedulableOn } from "./estimator.ts";
import { leastWaste } from "./expander.ts";
import { type Asked, launchEffects, purchase } from "./launches.ts";
import type { Cloud, NodeGroup } from "./node-groups.ts";
import { areAllNew, withoutSchedulable } from "./pending-pods.ts";
import type { PodKind } from "./pod-kinds.ts";
import type { Sizes } from "./sizes.ts";
import type { Trial } from "./trial.ts";

export interface ScaleUp {
  readonly launches: readonly LaunchInstances[];
  readonly asked: readonly Asked[];
  /** Pods that nothing helps now. */
  readonly waiting: readonly Pod[];
  /** They are all so young that the loop waits for more: nothing is removed meanwhile either. */
  readonly awaitsMore: boolean;
}

export interface ScaleUpContext {
  readonly snapshot: Snapshot;
  readonly cloud: Cloud;
  readonly trial: Trial;
  readonly sizes: Sizes;
  readonly backoff: Backoff;
  readonly clock: Clockwork;
  readonly hints: Map<string, string>;
  kindOf(pod: Pod): PodKind;
}

/**
 * Loops until no node group helps any more: each loop expands one node group
 * (core/scaleup/orchestrator/orchestrator.go), and one that scaled up is followed by the next at once
 * (loop/trigger.go). So all loops of a tick are made here at one time, each seeing the upcoming nodes of
 * those before it.
 */
export function scaleUp(context: ScaleUpContext, pending: readonly Pod[]): ScaleUp {
  const { snapshot, cloud, trial, sizes, clock, kindOf, hints } = context;
  const launches: LaunchInstances[] = [];
  const asked: Asked[] = [];
  forgetHints(hints, pending);
  let waiting = withoutSchedulable(pending, trial, kindOf, hints);
  while (waiting.length > 0) {
    if (areAllNew(waiting, kindOf, clock)) return { launches, asked, waiting, awaitsMore: true };
    const option = leastWaste(preferredOptions(context, waiting));
    if (!option) break;
    const { nodeGroup, nodeCount, pods } = option;
    const why = reason("PodsUnschedulable", `${pods.length} pods, ${nodeCount} nodes by least-waste`);
    const purchases = purchase(nodeGroup, nodeCount, cloud.shareMilli, sizes);
    if (purchases.length === 0) break;
    for (const bought of purchases) {
      const { group, count } = bought;
      const { zone } = nodeGroup;
      launches.push(...launchEffects(bought, zone, why, snapshot, clock.now, asked.length));
      asked.push({ nodeGroup: nodeGroup.id, group: group.group.name, zone, count, at: clock.now });
      sizes.change(group, count);
      for (let i = 0; i < count; i++) trial.add(nodeGroup);
    }
    waiting = withoutSchedulable(waiting, trial, kindOf, hints);
  }
  return { launches, asked, waiting, awaitsMore: false };
}

/** Of pods that are pending no more. */
function forgetHints(hints: Map<string, string>, pending: readonly Pod[]): void {
  if (hints.size === 0) return;
  const uids = new Set(pending.map(({ uid }) => uid));
  for (const uid of hints.keys()) if (!uids.has(uid)) hints.delete(uid);
}

/**
 * What each node group that may grow would come to; of these the ones that the priority expander
 * keeps, which are those of the highest priority (expander/priority/priority.go). Without Spot or
 * reserved groups all have the same.
 */
function preferredOptions(context: ScaleUpContext, waiting: readonly Pod[]): readonly Option[] {
  const groups = podGroups(waiting, context.kindOf);
  const isZonal = groups.some(({ kind }) => kind.looksAtZones);
  const byPriority = Map.groupBy(growing(context, isZonal), ({ priority }) => priority);
  for (const [, nodeGroups] of [...byPriority].toSorted(([a], [b]) => b - a)) {
    const options = nodeGroups.flatMap((nodeGroup) => optionFor(context, nodeGroup, groups) ?? []);
    if (options.length > 0) return options;
  }
  return [];
}

function optionFor(
  { trial, sizes }: ScaleUpContext,
  nodeGroup: NodeGroup,
  groups: readonly PodGroup[],
): Option | null {
  const schedulable = schedulableOn(nodeGroup, groups, trial.space);
  if (schedulable.length === 0) return null;
  const limit = Math.min(MAX_NODES_PER_SCALE_UP, sizes.room(nodeGroup));
  const option = estimate(nodeGroup, schedulable, trial.space, limit);
  return option.nodeCount > 0 ? option : null;
}

/** Node groups that may grow. Unless zones matter, of those of one name the first: the others would tie. */
function growing({ cloud, sizes, backoff, clock }: ScaleUpContext, isZonal: boolean): readonly NodeGroup[] {
  const seen = new Set<string>();
  return cloud.nodeGroups.filter((nodeGroup) => {
    if (sizes.room(nodeGroup) <= 0 || backoff.rests(nodeGroup.id, clock)) return false;
    if (!isZonal && seen.has(nodeGroup.name)) return false;
    seen.add(nodeGroup.name);
    return true;
  });
}

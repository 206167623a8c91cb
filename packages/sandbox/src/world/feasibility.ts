import {
  ClusterSpace,
  type CompiledPod,
  compilePod,
  equivalenceKey,
  expectedGpuResources,
  HOSTNAME_LABEL,
  type NodeSpace,
  type Pod,
  type Reason,
  readNodeTemplateTags,
  reason,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";
import { daemonPod } from "./daemons.ts";
import { poolLabels } from "./nodes.ts";
import type { WorldOptions } from "./options.ts";
import type { GroupState } from "./state.ts";

/** Why a row can never run: what each pool's new, empty nodes lack for it. */
export type Infeasibility = readonly { readonly pool: string; readonly reasons: readonly Reason[] }[];

/** Judges pods by an empty node of each type of each group; equal pods once. */
export interface Feasibility {
  /** null when some pool can take the pod. */
  of(pod: Pod): Infeasibility | null;
  /** null when some zone's groups can grow to what the gang asks for. */
  ofGang(pods: readonly Pod[]): Infeasibility | null;
}

export function createFeasibility(options: WorldOptions, groups: Iterable<GroupState>): Feasibility {
  const space = new ClusterSpace(options.namespaces ?? {});
  const offers = [...groups].flatMap((group) => offersOf(space, options, group));
  const known = new Map<string, Infeasibility | null>();
  return {
    of(pod) {
      const key = equivalenceKey(pod);
      let answer = known.get(key);
      if (answer === undefined) {
        answer = judge(space, offers, compilePod(pod));
        known.set(key, answer);
      }
      return answer;
    },
    ofGang: (pods) => judgeGang(options, offers, pods),
  };
}

/** A node that a group could start, or null when its maximum allows none. */
interface Offer {
  readonly pool: string;
  readonly zones: readonly string[];
  readonly maxNodes: number;
  readonly instanceType: string;
  readonly node: NodeSpace | null;
}

function offersOf(space: ClusterSpace, options: WorldOptions, group: GroupState): Offer[] {
  const { pool } = group;
  const { zones } = group.group;
  const maxNodes = Math.min(group.max, pool.maxNodes);
  return group.shapes.map((shape) => {
    const { instanceType } = shape;
    const offer = { pool: pool.name, zones, maxNodes, instanceType };
    if (maxNodes <= 0) return { ...offer, node: null };
    const name = `${group.group.name}/${instanceType}`;
    const node = space.addNode({
      name,
      labels: { ...poolLabels(group, shape), [HOSTNAME_LABEL]: name, [ZONE_LABEL]: zones[0] ?? "" },
      taints: [...pool.taints, ...readNodeTemplateTags(group.tags).taints],
      unschedulable: false,
      allocatable: {
        ...shape.allocatable,
        extended: { ...shape.allocatable.extended, ...expectedGpuResources(pool.sharing, shape.gpus) },
      },
    });
    for (const daemonSet of options.daemonSets ?? []) {
      const daemon = daemonPod(daemonSet, name);
      if (space.fits(compilePod(daemon), node)) space.place(daemon, node);
    }
    return { ...offer, node };
  });
}

function judge(space: ClusterSpace, offers: readonly Offer[], pod: CompiledPod): Infeasibility | null {
  const byPool = new Map<string, Reason[]>();
  for (const { pool, instanceType, node } of offers) {
    if (node && space.fits(pod, node)) return null;
    const misfits = node ? space.misfits(pod, node) : [reason("NodeGroupMaxSizeReached", "it is 0")];
    const reasons = byPool.get(pool) ?? [];
    reasons.push(...misfits.map(({ code, detail }) => reason(code, `${instanceType}: ${detail}`)));
    byPool.set(pool, reasons);
  }
  return [...byPool].map(([pool, reasons]) => ({ pool, reasons }));
}

/**
 * Whether some zone's groups, all at their maxima, have what the gang asks for in all. Necessary,
 * not sufficient: a gang that is let through here and fits nowhere is left unfinished.
 */
function judgeGang(
  { pools }: WorldOptions,
  offers: readonly Offer[],
  pods: readonly Pod[],
): Infeasibility | null {
  const wanted = totalOf(pods.map((pod) => ({ extended: pod.requests.extended, times: 1 })));
  const zones = new Set(offers.flatMap((offer) => offer.zones));
  for (const zone of zones) {
    const there = offers.filter((offer) => offer.zones.includes(zone));
    const most = totalOf(
      there.map(({ node, maxNodes }) => ({
        extended: node?.spec.allocatable.extended ?? {},
        times: maxNodes,
      })),
    );
    if ([...wanted].every(([resource, count]) => count <= (most.get(resource) ?? 0))) return null;
  }
  const detail = [...wanted].map(([resource, count]) => `${count} ${resource}`).join(", ");
  return pools.map((pool) => ({
    pool: pool.name,
    reasons: [reason("GangDoesNotFit", `no zone can grow to the ${detail} that it asks for in all`)],
  }));
}

function totalOf(
  parts: readonly { readonly extended: Readonly<Record<string, number>>; readonly times: number }[],
): Map<string, number> {
  const total = new Map<string, number>();
  for (const { extended, times } of parts) {
    for (const resource in extended) {
      const count = extended[resource] ?? 0;
      if (count > 0) total.set(resource, (total.get(resource) ?? 0) + count * times);
    }
  }
  return total;
}

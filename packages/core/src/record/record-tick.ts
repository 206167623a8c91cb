import type { Outcome } from "../model/outcome.ts";
import type { Effect, Plan } from "../model/plan.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { PodNews } from "./pod-news.ts";
import type { TickRecord } from "./tick-record.ts";

/**
 * The record of a tick: of the last of its plans (there is at least one), with what all of them did.
 * What there is nothing of is left out.
 */
export function recordTick(
  snapshot: Snapshot,
  plans: readonly Plan[],
  effects: readonly Effect[],
  outcomes: readonly Outcome[],
  { arrived, bound }: PodNews,
): TickRecord {
  const last = plans.at(-1);
  if (!last) throw new RangeError("a tick decides at least once");
  const { cluster, decidedAt, demand, nodes, problems, offers } = last;
  const tried = plans.slice(0, -1).flatMap(launchedFor);
  const touched = effects.filter((effect) => "node" in effect);
  const instances = instancesOf([...nodes, ...bound, ...touched], snapshot);
  return {
    cluster,
    decidedAt,
    effects,
    demand,
    nodes,
    problems,
    outcomes,
    ...(offers && { offers }),
    ...(tried.length > 0 && { tried }),
    ...(arrived.length > 0 && { arrived }),
    ...(bound.length > 0 && { bound }),
    ...(Object.keys(instances).length > 0 && { instances }),
  };
}

function launchedFor({ demand }: Plan): Plan["demand"] {
  return demand.filter(({ outcomes }) => outcomes.some(({ effect }) => effect !== null));
}

function instancesOf(
  named: readonly { readonly node: string }[],
  { nodes }: Snapshot,
): Record<string, string> {
  const instances: Record<string, string> = {};
  if (named.length === 0) return instances;
  const names = new Set(named.map(({ node }) => node));
  for (const { name, instanceId } of nodes) {
    if (instanceId !== null && names.has(name)) instances[name] = instanceId;
  }
  return instances;
}

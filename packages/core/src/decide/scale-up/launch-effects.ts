import type { LaunchInstances, SetDesiredCapacity } from "../../model/plan.ts";
import { reason } from "../../model/reason.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { LaunchIntent } from "../../model/state.ts";
import { fnv1a } from "../../model/text.ts";
import type { EpochMs } from "../../model/units.ts";
import { append } from "../append.ts";
import type { Fleet } from "../fleet.ts";
import { byKey } from "../launches.ts";
import { launchName, type Placement, type PlannedNode } from "./placement.ts";

/** What LaunchInstances takes in one call. */
const MOST_INSTANCES = 100;

type LaunchEffect = LaunchInstances | SetDesiredCapacity;

export interface LaunchEffects {
  readonly effects: readonly LaunchEffect[];
  /** What is remembered of launches that are new, by key. */
  readonly intents: Readonly<Record<string, LaunchIntent>>;
  /** The key of the first effect of a planned launch, by `launchName`; an intent's key is its own. */
  readonly keyOf: (name: string) => string;
}

/**
 * The launches of the planned nodes, those of one offering (and gang) together, and those of
 * earlier ticks that are repeated under their own tokens because demand still counts on them.
 */
export function launchEffects(
  snapshot: Snapshot,
  fleet: Fleet,
  placement: Placement,
  now: EpochMs,
): LaunchEffects {
  const effects: LaunchEffect[] = repeatedLaunches(snapshot, fleet, placement);
  const keys = new Map<string, string>();
  const intents: Record<string, LaunchIntent> = {};
  const byName = new Map<string, PlannedNode[]>();
  for (const node of placement.planned) {
    append(byName, launchName(node.offering, node.gang), node);
  }
  for (const [name, nodes] of byName) {
    const [node] = nodes;
    if (!node) continue;
    if (node.offering.of.group.adopted) {
      keys.set(name, raiseDesired(effects, node, nodes.length));
      continue;
    }
    for (const [call, effect] of launches(snapshot, node, nodes.length, now).entries()) {
      const { key, group, zone, count, gang } = effect;
      const pods = nodes.slice(call * MOST_INSTANCES, call * MOST_INSTANCES + count).map(podsOn);
      intents[key] = { group, zone, count, gang, pods, createdAt: now, instances: null };
      effects.push(effect);
      if (call === 0) keys.set(name, key);
    }
  }
  return { effects, intents, keyOf: (name) => keys.get(name) ?? name };
}

function podsOn({ node }: PlannedNode): string[] {
  const hashes: string[] = [];
  for (const { uid } of node.pods) if (uid !== undefined) hashes.push(fnv1a(uid));
  return hashes;
}

function repeatedLaunches(snapshot: Snapshot, fleet: Fleet, placement: Placement): LaunchInstances[] {
  return byKey(snapshot.state.launches).flatMap(([key, { group: name, zone, count, gang }]) => {
    const of = fleet.groups.find(({ group }) => group.name === name);
    if (!of?.template || !placement.used.repeated.has(key)) return [];
    return {
      kind: "LaunchInstances",
      key,
      pool: of.pool.name,
      reason: reason("LaunchRepeated"),
      group: name,
      zone,
      capacityType: of.group.capacityType,
      count,
      gpus: of.template.gpus,
      nanoDollarsPerHour: fleet.pricing.ofOffering(of.group, zone)?.nanoDollarsPerHour ?? 0,
      gang,
    };
  });
}

function launches(snapshot: Snapshot, node: PlannedNode, count: number, now: EpochMs): LaunchInstances[] {
  const { offering, gang } = node;
  const { pool, group } = offering.of;
  const calls = Math.ceil(count / MOST_INSTANCES);
  const name = [snapshot.cluster, group.name, offering.zone, gang ?? ""];
  // Earlier decisions of the same tick may have launched there, too.
  let first = 0;
  while (clientToken(name, now, first) in snapshot.state.launches) first++;
  return Array.from({ length: calls }, (_, call) => ({
    kind: "LaunchInstances",
    key: clientToken(name, now, first + call),
    pool: pool.name,
    reason: reason(node.why),
    group: group.name,
    zone: offering.zone,
    capacityType: group.capacityType,
    count: Math.min(MOST_INSTANCES, count - call * MOST_INSTANCES),
    gpus: offering.template.gpus,
    nanoDollarsPerHour: offering.price.nanoDollarsPerHour,
    gang,
  }));
}

/** Raises the group's desired capacity, together with what others of the plan raise it by; gives the key. */
function raiseDesired(effects: LaunchEffect[], { offering, why }: PlannedNode, count: number): string {
  const { pool, group, status } = offering.of;
  const key = `desired/${group.name}`;
  const at = effects.findIndex((effect) => effect.key === key);
  const before = effects[at];
  const from = status?.desired ?? 0;
  const to = (before?.kind === "SetDesiredCapacity" ? before.to : from) + count;
  const effect: SetDesiredCapacity = {
    kind: "SetDesiredCapacity",
    key,
    pool: pool.name,
    reason: before?.reason ?? reason(why),
    group: group.name,
    from,
    to,
  };
  if (before) effects[at] = effect;
  else effects.push(effect);
  return key;
}

/**
 * Names one launch for ever: cluster, group, zone and gang by hash, the time of the decision, and
 * the call. At most 64 characters, as AWS wants it.
 */
function clientToken(parts: readonly string[], now: EpochMs, call: number): string {
  const text = parts.join("\n");
  return `${fnv1a(text)}${fnv1a(text, 0x01000193)}-${now.toString(36)}-${call}`;
}

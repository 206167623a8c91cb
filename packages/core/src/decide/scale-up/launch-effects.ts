import type { LaunchInstances, SetDesiredCapacity } from "../../model/plan.ts";
import { reason } from "../../model/reason.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { fnv1a } from "../../model/text.ts";
import type { EpochMs } from "../../model/units.ts";
import { append } from "../append.ts";
import type { Fleet } from "../fleet.ts";
import { launchName, type Placement, type PlannedNode } from "./placement.ts";

/** What LaunchInstances takes in one call. */
const MOST_INSTANCES = 100;

export interface LaunchEffects {
  readonly effects: readonly (LaunchInstances | SetDesiredCapacity)[];
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
  const effects: (LaunchInstances | SetDesiredCapacity)[] = repeatedLaunches(snapshot, fleet, placement);
  const keys = new Map<string, string>();
  const byName = new Map<string, PlannedNode[]>();
  for (const node of placement.planned) {
    append(byName, launchName(node.offering, node.gang), node);
  }
  for (const [name, nodes] of byName) {
    const [node] = nodes;
    if (!node) continue;
    const added = node.offering.of.group.adopted
      ? [raiseDesired(node, nodes.length)]
      : launches(snapshot.cluster, node, nodes.length, now);
    keys.set(name, added[0]?.key ?? name);
    effects.push(...added);
  }
  return { effects, keyOf: (name) => keys.get(name) ?? name };
}

function repeatedLaunches(snapshot: Snapshot, fleet: Fleet, placement: Placement): LaunchInstances[] {
  return Object.entries(snapshot.state.launches).flatMap(([key, { group: name, zone, count, gang }]) => {
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

function launches(cluster: string, node: PlannedNode, count: number, now: EpochMs): LaunchInstances[] {
  const { offering, gang } = node;
  const { pool, group } = offering.of;
  const calls = Math.ceil(count / MOST_INSTANCES);
  return Array.from({ length: calls }, (_, call) => ({
    kind: "LaunchInstances",
    key: clientToken([cluster, group.name, offering.zone, gang ?? ""], now, call),
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

function raiseDesired({ offering, why }: PlannedNode, count: number): SetDesiredCapacity {
  const { pool, group, status } = offering.of;
  const from = status?.desired ?? 0;
  const to = from + count;
  return {
    kind: "SetDesiredCapacity",
    key: `desired/${group.name}/${to}`,
    pool: pool.name,
    reason: reason(why),
    group: group.name,
    from,
    to,
  };
}

/**
 * Names one launch for ever: cluster, group, zone and gang by hash, the time of the decision, and
 * the call. At most 64 characters, as AWS wants it.
 */
function clientToken(parts: readonly string[], now: EpochMs, call: number): string {
  const text = parts.join("\n");
  return `${fnv1a(text)}${fnv1a(text, 0x01000193)}-${now.toString(36)}-${call}`;
}

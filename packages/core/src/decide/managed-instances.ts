import type { Policy } from "../model/policy.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { compareText } from "../model/text.ts";
import { MINUTE_MS } from "../model/units.ts";
import type { FleetGroup } from "./fleet.ts";
import type { ManagedInstance } from "./machines.ts";
import type { Reconsider } from "./reconsider.ts";
import { type Daemons, type NodeTemplate, nodeTemplate } from "./template.ts";

/** For how long a launched instance may be missing from Auto Scaling's list before it counts as gone. */
const LISTING_LAG_MS = 5 * MINUTE_MS;

/** The groups of the configuration, with what Auto Scaling says of them and what their nodes will be. */
export function fleetGroups(snapshot: Snapshot, policy: Policy, daemons: Daemons): FleetGroup[] {
  const byName = new Map(snapshot.groups.map((status) => [status.name, status]));
  return policy.pools.flatMap((pool) =>
    pool.groups.map((group) => {
      const status = byName.get(group.name) ?? null;
      const template = status ? nodeTemplate(pool, group, status.shapes, status.tags, daemons) : null;
      return { pool, group, status, template };
    }),
  );
}

interface KnownInstance {
  readonly managed: ManagedInstance;
  hasNode: boolean;
}

/** By id, instances that Auto Scaling lists, and those of our launches that it does not list yet. */
export function knownInstances(
  snapshot: Snapshot,
  groups: readonly FleetGroup[],
  daemons: Daemons,
  reconsider: Reconsider,
): Map<string, KnownInstance> {
  const known = new Map<string, KnownInstance>();
  const add = (managed: ManagedInstance) => known.set(managed.id, { managed, hasNode: false });
  for (const of of groups) {
    const templateOf = templatesByType(of, daemons);
    for (const instance of inOrder(of.status?.instances ?? [], ({ id }) => id)) {
      const { id, zone, instanceType, launchedAt, healthy, lifecycle } = instance;
      const { group, pool } = of;
      const terminating = lifecycle === "terminating";
      const template = templateOf(instanceType);
      add({ id, zone, instanceType, launchedAt, healthy, terminating, group, pool, template });
    }
  }
  for (const intent of Object.values(snapshot.state.launches)) {
    const of = groups.find(({ group }) => group.name === intent.group);
    if (!of) continue;
    const templateOf = templatesByType(of, daemons);
    for (const { id, zone, instanceType } of intent.instances ?? []) {
      if (known.has(id) || reconsider.reached(intent.createdAt + LISTING_LAG_MS)) continue;
      const { group, pool } = of;
      const template = templateOf(instanceType);
      const launchedAt = intent.createdAt;
      add({
        id,
        zone,
        instanceType,
        launchedAt,
        healthy: true,
        terminating: false,
        group,
        pool,
        template,
      });
    }
  }
  return known;
}

/** The template of a group's nodes once their type is known; the group's where it has but one. */
function templatesByType(of: FleetGroup, daemons: Daemons): (instanceType: string) => NodeTemplate | null {
  const { status, pool, group, template } = of;
  const templates = new Map<string, NodeTemplate | null>();
  return (instanceType) => {
    const known = templates.get(instanceType);
    if (known !== undefined) return known;
    const shapes = status?.shapes.filter((shape) => shape.instanceType === instanceType) ?? [];
    const isOwn = status && shapes.length > 0 && status.shapes.length > 1;
    const made = isOwn ? nodeTemplate(pool, group, shapes, status.tags, daemons) : template;
    templates.set(instanceType, made);
    return made;
  };
}

/** Whatever order they were listed in; lists of the API server are in order already. */
export function inOrder<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  let last = "";
  for (const item of items) {
    const next = key(item);
    if (next < last) return [...items].sort((a, b) => compareText(key(a), key(b)));
    last = next;
  }
  return items;
}

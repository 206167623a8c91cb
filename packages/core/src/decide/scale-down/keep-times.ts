import type { Policy } from "../../model/policy.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { ControllerState, Drain, KeepTimeMemory } from "../../model/state.ts";
import { type DurationMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../model/units.ts";
import type { Fleet, FleetGroup } from "../fleet.ts";
import type { ManagedInstance } from "../machines.ts";
import type { Reconsider } from "../reconsider.ts";
import type { ScaleUp } from "../scale-up/scale-up.ts";

/**
 * What a group chooses among. Half a minute at least: going at once was tried, and a fleet of unequal
 * machines (openb-default) costs more for it.
 */
export const KEEP_TIMES_MS: readonly DurationMs[] = [0.5, 1, 2, 3, 5, 7.5, 10].map((min) => min * MINUTE_MS);

/** The outer limit: for so long a node that went is remembered, too. */
const LONGEST_MS = 10 * MINUTE_MS;

/** Until enough is known of a group. */
const FIRST_MS = 2 * MINUTE_MS;
const ENOUGH_NODES = 3;

/** How much of what is remembered remains with each further node: the last ten or so count. */
const REMAINS = 0.9;

/** For so long a new node is paid for before it serves, and a pod waits: 150 to 300 s in the sandbox, which says whence. */
const BOOT_MS = 225 * SECOND_MS;

/** Of capacity that costs nothing a wait is worth any time of it; sums of it stay whole numbers. */
const MOST_WORTH_MS = 24 * HOUR_MS;

export interface KeepTimes {
  /** How long the node stays without a GPU pod. */
  of(managed: ManagedInstance): DurationMs;
  /** What is remembered after this decision. `draining`: empty nodes that begin to go, by node name. */
  remember(up: ScaleUp, draining: Readonly<Record<string, Drain>>): ControllerState["keepTimes"];
}

/**
 * How long free nodes are kept where their pool does not say: each group keeps them for as long as
 * would have been cheapest for its last ones. Kept for `k`, a node that was wanted again after
 * `gap` cost `gap` of its time where `gap <= k`; else `k`, a boot, and what a pod's wait for that
 * is worth. Of a node that went the gap is known as well, once its group launches another: so a
 * group that keeps nodes for too short learns it as soon as one that keeps them for too long.
 *
 * To follow the choice that would have cost least is prediction with expert advice (Littlestone
 * and Warmuth, 1994); to remember what went, in order to know whether it should have stayed, are
 * the ghost lists of caches (Megiddo and Modha, ARC, 2003).
 */
export function createKeepTimes(
  { state }: Snapshot,
  policy: Policy,
  fleet: Fleet,
  reconsider: Reconsider,
): KeepTimes {
  const { now } = reconsider;
  return {
    of: ({ pool, group }) => pool.keepTimeMs ?? chosen(state.keepTimes[group.name]),
    remember(up, draining) {
      const histories = historiesOf(state, policy, fleet);
      const emptySince = new Map(Object.entries(state.emptySince));
      for (const { managed, name, gpuPods } of fleet.machines) {
        const history = managed && histories.get(managed.group.name);
        if (!history) continue;
        const { id } = managed;
        const since = emptySince.get(id) ?? history.gone.get(id);
        if (gpuPods > 0 || up.expected.has(name) || up.reprieved.has(name)) {
          if (since !== undefined) history.wantedAgain(id, now - since);
        } else if (name in draining) history.gone.set(id, since ?? now);
      }
      for (const [group, count] of launchedBy(up)) histories.get(group)?.launched(count, now);
      const next: Record<string, KeepTimeMemory> = {};
      for (const [group, history] of histories) {
        history.forget(reconsider);
        const memory = history.memory();
        if (memory === null) continue;
        next[group] = memory;
        // What this decision keeps the next one may end.
        if (chosen(memory) < chosen(state.keepTimes[group])) reconsider.reached(now + 1);
      }
      return next;
    },
  };
}

/** The cheapest, the shortest of equals. */
function chosen(memory: KeepTimeMemory | undefined): DurationMs {
  if (!memory || memory.nodes < ENOUGH_NODES) return FIRST_MS;
  return KEEP_TIMES_MS[memory.costsMs.indexOf(Math.min(...memory.costsMs))] ?? FIRST_MS;
}

function historiesOf(state: ControllerState, policy: Policy, fleet: Fleet): Map<string, History> {
  const histories = new Map<string, History>();
  for (const of of fleet.groups) {
    if (of.pool.keepTimeMs !== null) continue;
    const { name } = of.group;
    histories.set(
      name,
      createHistory(state.keepTimes[name], () => worthMs(of, policy, fleet)),
    );
  }
  return histories;
}

/** What a boot costs in time of a node: its own, and a pod's wait at what that is worth. */
function worthMs({ group }: FleetGroup, policy: Policy, fleet: Fleet): DurationMs {
  const [price] = group.zones.flatMap((zone) => fleet.pricing.ofOffering(group, zone) ?? []);
  if (!price) return BOOT_MS;
  const { effectiveNanoDollarsPerHour: paid } = price;
  const wait = paid > 0 ? policy.scaleDown.waitNanoDollarsPerHour / paid : Number.POSITIVE_INFINITY;
  return Math.min(MOST_WORTH_MS, Math.round(BOOT_MS * (1 + wait)));
}

function launchedBy({ launches, intents }: ScaleUp): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (group: string, count: number) => counts.set(group, (counts.get(group) ?? 0) + count);
  for (const { group, count } of Object.values(intents)) add(group, count);
  for (const effect of launches)
    if (effect.kind === "SetDesiredCapacity") add(effect.group, effect.to - effect.from);
  return counts;
}

/** A group's free nodes of late. */
interface History {
  /** Since when nodes were free that went unneeded. By instance id. */
  readonly gone: Map<string, number>;
  wantedAgain(instance: string, gapMs: DurationMs): void;
  /** New nodes instead of those that went, the last first. */
  launched(count: number, now: number): void;
  /** Nodes that went so long ago that they could not have stayed. */
  forget(reconsider: Reconsider): void;
  /** null when there is nothing to remember. */
  memory(): KeepTimeMemory | null;
}

function createHistory(before: KeepTimeMemory | undefined, worth: () => DurationMs): History {
  const gone = new Map(Object.entries(before?.gone ?? {}));
  let nodes = before?.nodes ?? 0;
  let costsMs = before?.costsMs ?? KEEP_TIMES_MS.map(() => 0);
  const note = (gapMs: number) => {
    const missedMs = worth();
    const cost = (keptMs: number) => (gapMs <= keptMs ? gapMs : keptMs + missedMs);
    costsMs = KEEP_TIMES_MS.map((keptMs, i) => Math.round((costsMs[i] ?? 0) * REMAINS + cost(keptMs)));
    nodes = Math.min(ENOUGH_NODES, nodes + 1);
  };
  return {
    gone,
    wantedAgain(instance, gapMs) {
      gone.delete(instance);
      note(gapMs);
    },
    launched(count, now) {
      const latest = [...gone].sort(([a, since], [b, other]) => other - since || (a < b ? -1 : 1));
      for (const [instance, since] of latest.slice(0, count)) this.wantedAgain(instance, now - since);
    },
    forget(reconsider) {
      for (const [instance, since] of gone) {
        if (reconsider.reached(since + LONGEST_MS)) this.wantedAgain(instance, Number.POSITIVE_INFINITY);
      }
    },
    memory() {
      if (nodes === 0 && gone.size === 0) return null;
      return { gone: Object.fromEntries(gone), costsMs, nodes };
    },
  };
}

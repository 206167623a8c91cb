import {
  decide,
  MINUTE_MS,
  type Plan,
  type Policy,
  runTick,
  type Snapshot,
  type TickRecord,
} from "@gpu-autoscaler/core";
import { createWorld, type World, type WorldOptions } from "@gpu-autoscaler/sandbox";
import { pricesOf } from "../builders/index.ts";

export interface Play {
  readonly policy: Policy;
  readonly world?: Partial<WorldOptions>;
  /** What happens by hand, by minutes after the start. */
  readonly happenings: Readonly<Record<number, (world: World) => void>>;
  readonly minutes: number;
}

export interface Played {
  readonly records: readonly TickRecord[];
  /** What the last tick saw and decided. */
  readonly snapshot: Snapshot;
  readonly plan: Plan;
}

/** Plays in the embedded cloud, a tick each minute and at each demand event, and keeps the decision log. */
export async function playLog({ policy, world: options, happenings, minutes }: Play): Promise<Played> {
  const world = createWorld({
    cluster: policy.cluster,
    pools: policy.pools,
    prices: pricesOf(policy),
    ...options,
  });
  const records: TickRecord[] = [];
  const ports = {
    ...world.ports,
    decisionLog: { append: async (record: TickRecord) => void records.push(record) },
  };
  let last: Omit<Played, "records"> | null = null;
  const start = world.now;
  const end = start + minutes * MINUTE_MS;
  const open = Object.entries(happenings)
    .map(([at, happens]) => ({ at: start + Number(at) * MINUTE_MS, happens }))
    .sort((a, b) => a.at - b.at);
  let nextTick = start;
  while (world.now < end) {
    const happensAt = open[0]?.at ?? Number.POSITIVE_INFINITY;
    world.advanceToWake(Math.min(nextTick, happensAt, end));
    if (world.now === happensAt) {
      open.shift()?.happens(world);
      continue;
    }
    if (world.now >= end) break;
    world.woken();
    await runTick(ports, policy, (snapshot, by, now) => {
      const plan = decide(snapshot, by, now);
      last = { snapshot, plan };
      return plan;
    });
    nextTick = start + (Math.floor((world.now - start) / MINUTE_MS) + 1) * MINUTE_MS;
  }
  return { records, ...kept(last) };
}

function kept(last: Omit<Played, "records"> | null): Omit<Played, "records"> {
  if (!last) throw new RangeError("no tick was run");
  return last;
}

import type { Policy } from "../model/policy.ts";
import type { EpochMs } from "../model/units.ts";
import { cordonNode } from "./cordon-node.ts";
import { type Drained, drainNode } from "./drain-node.ts";
import type { FoundInstance, InterruptionPorts } from "./interruption-ports.ts";
import { type Notice, overAt } from "./notice.ts";

/** What a notice came to. */
export interface Answer {
  readonly kind: Notice["kind"];
  /** Why nothing was done; null when something was. */
  readonly ignored: "over" | "not-ours" | null;
  readonly instances: readonly AnsweredInstance[];
}

export interface AnsweredInstance {
  readonly id: string;
  readonly pool: string;
  /** Whether its node is left as it is, and why; null when it is to be emptied. */
  readonly leftAlone: "not-going-now" | "paused" | "dry-run" | null;
  /** The node that was cordoned; null for none. */
  readonly node: string | null;
  /** From the notice to the cordon; null without one. Milliseconds. */
  readonly cordonedAfterMs: number | null;
  readonly drained: Drained | null;
}

/**
 * Answers what events told, each notice by itself: instances that are ours are noted, and the
 * planner is woken. Nodes of those that Spot takes are cordoned at the same time, and drained side
 * by side until `end` (epoch ms), when the program has to stop. Whatever was done already may be done
 * again: events come twice, late and in any order. A promise for each notice, in their order; it
 * rejects when its notice should be delivered again.
 */
export function answerNotices(
  notices: readonly Notice[],
  policy: Policy,
  ports: InterruptionPorts,
  end: EpochMs,
): readonly Promise<Answer>[] {
  const now = ports.clock.now();
  const isOver = (notice: Notice) => now >= overAt(notice);
  const known = once(() => {
    const ids = new Set(notices.flatMap((notice) => (isOver(notice) ? [] : notice.instanceIds)));
    return lookUp(ports, policy, [...ids]);
  });
  const wake = joined(() => ports.tickWaker.wake());
  return notices.map(async (notice): Promise<Answer> => {
    const { kind } = notice;
    if (isOver(notice)) return { kind, ignored: "over", instances: [] };
    const { found, whyLeftAlone } = await known();
    const ours = notice.instanceIds.flatMap((id) => found.get(id) ?? []);
    if (ours.length === 0) return { kind, ignored: "not-ours", instances: [] };
    const instances = ours.map((each) => answerFor(notice, each, whyLeftAlone(each.pool), ports, wake, end));
    return { kind, ignored: null, instances: await allOf(instances) };
  });
}

interface OurInstance extends FoundInstance {
  readonly pool: string;
}

/** Our instances among these, and which pools are not to be touched. Asked once for all notices. */
async function lookUp(
  { instanceFinder, stateStore }: InterruptionPorts,
  { cluster, pools }: Policy,
  ids: readonly string[],
) {
  const [instances, stored] = await Promise.all([
    instanceFinder.findInstances(ids),
    stateStore.load(cluster),
  ]);
  const poolOf = new Map(pools.flatMap(({ name, groups }) => groups.map((group) => [group.name, name])));
  const found = new Map<string, OurInstance>();
  for (const instance of instances) {
    const pool = poolOf.get(instance.group);
    if (pool !== undefined) found.set(instance.id, { ...instance, pool });
  }
  const paused = stored?.state.paused ?? [];
  const dryRun = new Set(pools.flatMap((pool) => (pool.dryRun ? [pool.name] : [])));
  return {
    found,
    whyLeftAlone(pool: string) {
      if (dryRun.has(pool)) return "dry-run" as const;
      return paused.includes("*") || paused.includes(pool) ? ("paused" as const) : null;
    },
  };
}

async function answerFor(
  { kind, noticedAt, deadline }: Notice,
  instance: OurInstance,
  brake: "paused" | "dry-run" | null,
  ports: InterruptionPorts,
  wake: () => Promise<void>,
  end: EpochMs,
): Promise<AnsweredInstance> {
  const { id, pool } = instance;
  const noted = kind === "changed" ? null : { instanceId: id, kind, noticedAt, deadline };
  const noteAndWake = async () => {
    if (noted) await ports.interruptionNotes.note(noted);
    await wake();
  };
  const leftAlone: AnsweredInstance["leftAlone"] = kind === "spot-interruption" ? brake : "not-going-now";
  const [node] = await allOf([leftAlone ? null : cordonNode(ports, instance), noteAndWake()]);
  const untouched: AnsweredInstance = {
    id,
    pool,
    leftAlone,
    node: null,
    cordonedAfterMs: null,
    drained: null,
  };
  if (typeof node !== "string") return untouched;
  const now = ports.clock.now();
  const lastsUntil = deadline ?? end;
  const drained = await drainNode(ports, node, lastsUntil, Math.min(end, lastsUntil));
  return { ...untouched, node, cordonedAfterMs: now - noticedAt, drained };
}

/** As `Promise.all`, once all have settled: nothing goes on behind the back of who was told of an error. */
async function allOf<Values extends readonly unknown[]>(values: Values) {
  await Promise.allSettled(values);
  return Promise.all(values);
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Calls that come while one is under way share the next: each is answered by one that began after it. */
function joined(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const start = (): Promise<void> => {
    const started = run().finally(() => {
      if (running === started) running = null;
    });
    running = started;
    return started;
  };
  return () => {
    if (!running) return start();
    next ??= Promise.allSettled([running]).then(() => {
      next = null;
      return start();
    });
    return next;
  };
}

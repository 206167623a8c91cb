import { act } from "./act/act.ts";
import { type Decide, decide } from "./decide/decide.ts";
import { AutoscalerError } from "./model/errors.ts";
import type { Outcome } from "./model/outcome.ts";
import type { Effect, Plan } from "./model/plan.ts";
import type { Policy } from "./model/policy.ts";
import type { ControllerState } from "./model/state.ts";
import { type DurationMs, type EpochMs, SECOND_MS } from "./model/units.ts";
import { observe } from "./observe/observe.ts";
import type { Clock, Lease, Ports, StateStore } from "./ports/ports.ts";
import { reasonsDigest } from "./record/digest.ts";
import { podNews } from "./record/pod-news.ts";
import { recordTick } from "./record/record-tick.ts";
import { settle } from "./record/settle.ts";

/** What a tick came to. */
export interface Tick {
  /** Of the last decision: earlier ones of the tick met with capacity errors. */
  readonly plan: Plan;
  /** Of the whole tick. */
  readonly effects: readonly Effect[];
  readonly outcomes: readonly Outcome[];
  /**
   * Somebody asked for another tick, and there was no time left for it: the lease is free, and
   * whoever ran this one is to wake the next. The schedule does so within the minute at the latest.
   */
  readonly anotherIsWanted: boolean;
}

/**
 * Runs ticks of one cluster until nobody asks for another: observe, decide, act, record.
 * null when somebody else holds the lease; they will run once more, or wake who does.
 *
 * `deadline`: when the program must have ended. Nothing is cut short by it, since each port has
 * time-outs of its own; but no further tick begins, nor a further round of launches, that would
 * not end before it, taking as long as the last.
 *
 * Throws what keeps a tick from being decided (the state cannot be read or written), and errors
 * that nobody expected once everything else is done and recorded.
 */
export async function runTick(
  ports: Ports,
  policy: Policy,
  decideBy: Decide = decide,
  deadline: EpochMs = Number.POSITIVE_INFINITY,
): Promise<Tick | null> {
  const { lease } = ports;
  const { cluster } = policy;
  if (!(await lease.acquire(cluster))) return null;
  const beginLap = lapsUntil(deadline, ports.clock);
  for (;;) {
    const lap = beginLap();
    let done: Omit<Tick, "anotherIsWanted">;
    try {
      done = await oneTick(ports, policy, decideBy, beginLap);
    } catch (error) {
      // Whoever asks meanwhile waits for the next tick: this one would fail again.
      await letGo(lease, cluster).catch((another: unknown) => {
        throw new AggregateError([error, another], "the tick failed, and its lease could not be let go");
      });
      throw error;
    }
    if (!lap.fitsAgain()) return { ...done, anotherIsWanted: await letGo(lease, cluster) };
    if (!(await lease.releaseOrAgain(cluster))) return { ...done, anotherIsWanted: false };
  }
}

/** Gives whether somebody had asked for another tick. */
async function letGo(lease: Lease, cluster: string): Promise<boolean> {
  let wasAsked = false;
  while (await lease.releaseOrAgain(cluster)) wasAsked = true;
  return wasAsked;
}

/** For what comes after a round: its record, and letting go of the lease. */
const SPARE_MS: DurationMs = 5 * SECOND_MS;

interface Lap {
  /** Whether what takes as long again, and what comes after it, would end before the deadline. */
  fitsAgain(): boolean;
}

type BeginLap = () => Lap;

function lapsUntil(deadline: EpochMs, clock: Clock): BeginLap {
  return () => {
    const begunAt = clock.now();
    return {
      fitsAgain() {
        const now = clock.now();
        return now + (now - begunAt) + SPARE_MS <= deadline;
      },
    };
  };
}

/**
 * Launches come first, and again while capacity lacks: each decision remembers the errors of the
 * one before, so that within one tick a launch falls through zones, groups and pools to one that
 * has capacity. Then the last decision's other effects are carried out.
 */
async function oneTick(
  ports: Ports,
  policy: Policy,
  decideBy: Decide,
  beginLap: BeginLap,
): Promise<Omit<Tick, "anotherIsWanted">> {
  const now = ports.clock.now();
  const { snapshot, stateVersion } = await observe(ports, policy, now);
  const keeper = createStateKeeper(ports.stateStore, snapshot.state, stateVersion);
  const dryRun = new Set(policy.pools.filter((pool) => pool.dryRun).map((pool) => pool.name));
  const effects: Effect[] = [];
  const outcomes: Outcome[] = [];
  const plans: Plan[] = [];
  const unexpected: unknown[] = [];
  const carryOut = async (some: readonly Effect[], state: ControllerState): Promise<readonly Outcome[]> => {
    if (some.length === 0) return [];
    // What is about to be done is known to the next tick, whatever becomes of this one.
    await keeper.write(state);
    const acted = await act(some, ports, dryRun, now);
    effects.push(...some);
    outcomes.push(...acted.outcomes);
    unexpected.push(...acted.unexpected);
    return acted.outcomes;
  };

  let plan: Plan;
  let state = snapshot.state;
  let rounds = 0;
  let lacked: boolean;
  let lap: Lap;
  do {
    lap = beginLap();
    plan = decideBy({ ...snapshot, state }, policy, now);
    const launches = plan.effects.filter(isLaunch);
    const answers = await carryOut(launches, plan.state);
    state = settle(plan.state, launches, answers, policy);
    lacked = answers.some(({ reason }) => reason !== null && LACKED_CAPACITY.has(reason.code));
    plans.push(plan);
  } while (lacked && ++rounds < MOST_ROUNDS && lap.fitsAgain());
  const others = plan.effects.filter((effect) => !isLaunch(effect));
  state = settle(state, others, await carryOut(others, state), policy);

  const digest = reasonsDigest(plan);
  const news = podNews(snapshot, plan);
  if (effects.length > 0 || news.bound.length > 0 || digest !== snapshot.state.reasonsDigest) {
    // What was done is done: the state has to hold it though the log cannot.
    await ports.decisionLog
      .append(recordTick(snapshot, plans, effects, outcomes, news))
      .catch((error: unknown) => unexpected.push(error));
  }
  await keeper.write({ ...state, reasonsDigest: digest, waiting: news.waiting });
  if (unexpected.length > 0)
    throw new AggregateError(unexpected, "effects, or their record, failed in ways that nobody expected");
  return { plan, effects, outcomes };
}

/** More offerings than this are not tried within a tick; the next one goes on. */
const MOST_ROUNDS = 20;
const LACKED_CAPACITY: ReadonlySet<string> = new Set(["CapacityError", "GangRolledBack"]);

function isLaunch(effect: Effect): boolean {
  return effect.kind === "LaunchInstances";
}

/** Writes the state when it differs from what is stored. */
function createStateKeeper(store: StateStore, stored: ControllerState, storedVersion: number) {
  let text = JSON.stringify(stored);
  let version = storedVersion;
  return {
    /** Throws `state-conflict` when somebody else wrote meanwhile. */
    async write(state: ControllerState): Promise<void> {
      const next = JSON.stringify(state);
      if (next === text) return;
      const written = await store.save(state, version);
      if (written === null) {
        throw new AutoscalerError(
          "state-conflict",
          `the state of cluster ${state.cluster} was written by somebody else during this tick; the next tick starts from it`,
          { retryable: true },
        );
      }
      text = next;
      version = written;
    },
  };
}

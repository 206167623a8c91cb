import { act } from "./act/act.ts";
import { type Decide, decide } from "./decide/decide.ts";
import { AutoscalerError } from "./model/errors.ts";
import type { Outcome } from "./model/outcome.ts";
import type { Effect, Plan } from "./model/plan.ts";
import type { Policy } from "./model/policy.ts";
import type { ControllerState } from "./model/state.ts";
import { observe } from "./observe/observe.ts";
import type { Ports, StateStore } from "./ports/ports.ts";
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
}

/**
 * Runs ticks of one cluster until nobody asks for another: observe, decide, act, record.
 * null when somebody else holds the lease; they will run once more.
 *
 * Throws what keeps a tick from being decided (the state cannot be read or written), and errors
 * that nobody expected once everything else is done and recorded.
 */
export async function runTick(ports: Ports, policy: Policy, decideBy: Decide = decide): Promise<Tick | null> {
  if (!(await ports.lease.acquire(policy.cluster))) return null;
  let tick: Tick;
  do {
    try {
      tick = await oneTick(ports, policy, decideBy);
    } catch (error) {
      // Whoever asks meanwhile waits for the next tick: this one would fail again.
      while (await ports.lease.releaseOrAgain(policy.cluster));
      throw error;
    }
  } while (await ports.lease.releaseOrAgain(policy.cluster));
  return tick;
}

/**
 * Launches come first, and again while capacity lacks: each decision remembers the errors of the
 * one before, so that within one tick a launch falls through zones, groups and pools to one that
 * has capacity. Then the last decision's other effects are carried out.
 */
async function oneTick(ports: Ports, policy: Policy, decideBy: Decide): Promise<Tick> {
  const now = ports.clock.now();
  const { snapshot, stateVersion } = await observe(ports, policy, now);
  const keeper = createStateKeeper(ports.stateStore, snapshot.state, stateVersion);
  const dryRun = new Set(policy.pools.filter((pool) => pool.dryRun).map((pool) => pool.name));
  const effects: Effect[] = [];
  const outcomes: Outcome[] = [];
  const plans: Plan[] = [];
  const unexpected: unknown[] = [];
  const carryOut = async (some: readonly Effect[], state: ControllerState): Promise<readonly Outcome[]> => {
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
  do {
    plan = decideBy({ ...snapshot, state }, policy, now);
    const launches = plan.effects.filter(isLaunch);
    const answers = await carryOut(launches, plan.state);
    state = settle(plan.state, launches, answers, policy);
    lacked = answers.some(({ reason }) => reason !== null && LACKED_CAPACITY.has(reason.code));
    plans.push(plan);
  } while (lacked && ++rounds < MOST_ROUNDS);
  const others = plan.effects.filter((effect) => !isLaunch(effect));
  state = settle(state, others, await carryOut(others, state), policy);

  const digest = reasonsDigest(plan);
  const news = podNews(snapshot, plan);
  if (effects.length > 0 || digest !== snapshot.state.reasonsDigest) {
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

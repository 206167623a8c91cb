import {
  type Decide,
  decide,
  type GpuMetrics,
  MINUTE_MS,
  type Plan,
  type Policy,
  runTick,
  type TickRecord,
} from "@gpu-autoscaler/core";
import { createWorld, type World, type WorldOptions, type WorldResult } from "./world/index.ts";

export interface PolicyRun {
  readonly world: WorldOptions;
  readonly policy: Policy;
  /** Ours when left out. */
  readonly decide?: Decide;
  /** How often the policy's loop runs. A minute when left out, as EventBridge Scheduler starts ours. */
  readonly tickMs?: number;
  /** Shows the policy no GPU measurement, as one that knows nothing of DCGM. */
  readonly unmeasured?: boolean;
  /** Runs each minute's tick, also those that can change nothing. false by default. */
  readonly everyTick?: boolean;
  onRecord?(record: TickRecord): void;
  /** Rows that have ended, over all. */
  onProgress?(done: number): void;
}

export interface PolicyRunResult extends WorldResult {
  /** Of the last tick. */
  readonly lastPlan: Plan | null;
  readonly ticks: number;
}

/**
 * Plays a policy in a world of its own until every pod has run to its end. Ticks come as in
 * production: each `tickMs`, and a second after a demand event or an interruption notice.
 *
 * A tick is skipped when nothing that it could see has changed since the last one, the
 * last one did nothing, and the time has not come at which the same snapshot would be decided
 * otherwise: such a tick would change nothing.
 */
export async function runPolicy(run: PolicyRun): Promise<PolicyRunResult> {
  const world = createWorld(run.world);
  const decisionLog = { append: async (record: TickRecord) => run.onRecord?.(record) };
  const ports = { ...world.ports, decisionLog, ...(run.unmeasured && { gpuMetrics: noMetrics(world) }) };
  const startedAt = world.now;
  let lastPlan: Plan | null = null;
  let ticks = 0;
  let next = startedAt;
  while (!world.finished) {
    world.advanceToWake(next);
    if (world.finished) break;
    world.woken();
    const changesBefore = world.changes;
    const tick = await runTick(ports, run.policy, run.decide ?? decide);
    ticks++;
    if (tick) lastPlan = tick.plan;
    if (ticks % PROGRESS_EVERY === 0) run.onProgress?.(world.progress);
    const isQuiet = tick !== null && tick.effects.length === 0 && world.changes === changesBefore;
    const reconsiderAt = isQuiet && !run.everyTick ? tick.plan.reconsiderAt : world.now;
    next = nextTick(world, startedAt, run.tickMs ?? MINUTE_MS, reconsiderAt);
  }
  return { ...world.result(), lastPlan, ticks };
}

function noMetrics(world: World): GpuMetrics {
  return { readMeasurements: async () => ({ at: world.now, measurements: [] }) };
}

const PROGRESS_EVERY = 50;

/** The first time of a tick from which on it may see or decide something new. */
function nextTick(world: World, startedAt: number, tickMs: number, reconsiderAt: number): number {
  const soonest = world.now + 1;
  const from = Math.max(soonest, Math.min(reconsiderAt, world.nextEventAt, world.stagnatesAt));
  return startedAt + Math.ceil((from - startedAt) / tickMs) * tickMs;
}

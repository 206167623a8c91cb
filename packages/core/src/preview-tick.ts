import { type Decide, decide } from "./decide/decide.ts";
import type { Outcome } from "./model/outcome.ts";
import type { Plan } from "./model/plan.ts";
import type { Policy } from "./model/policy.ts";
import { reason } from "./model/reason.ts";
import type { Snapshot } from "./model/snapshot.ts";
import type { ControllerState } from "./model/state.ts";
import { observe } from "./observe/observe.ts";
import type { Ports } from "./ports/ports.ts";
import { reasonsDigest } from "./record/digest.ts";
import { podNews } from "./record/pod-news.ts";
import { recordTick } from "./record/record-tick.ts";
import { settle } from "./record/settle.ts";
import type { TickRecord } from "./record/tick-record.ts";

/** What a preview looks through: no port that changes anything. */
export interface Eyes
  extends Pick<
    Ports,
    "clock" | "clusterReader" | "capacityReader" | "gpuMetrics" | "priceList" | "interruptionFeed"
  > {
  readonly stateStore: Pick<Ports["stateStore"], "load">;
}

/** What a tick would do now, if nothing stood against it. */
export interface Preview {
  readonly snapshot: Snapshot;
  readonly plan: Plan;
  /** As a tick with every pool in dry run would record it. */
  readonly record: TickRecord;
  /** What such a tick would remember: the next preview goes on from it, so that keep times pass. */
  readonly state: ControllerState;
}

/**
 * Observes and decides, and does nothing else: no lease is taken, nothing is written. Throws what
 * keeps a tick from being decided: the state cannot be read.
 */
export async function previewTick(eyes: Eyes, policy: Policy, decideBy: Decide = decide): Promise<Preview> {
  const now = eyes.clock.now();
  const stateStore = { load: eyes.stateStore.load, save: () => Promise.resolve(null) };
  const { snapshot } = await observe({ ...eyes, stateStore }, policy, now);
  const plan = decideBy(snapshot, policy, now);
  const outcomes = plan.effects.map(
    ({ key }): Outcome => ({ key, status: "dry-run", at: now, reason: reason("DryRun"), launch: null }),
  );
  const news = podNews(snapshot, plan);
  return {
    snapshot,
    plan,
    record: recordTick(snapshot, [plan], plan.effects, outcomes, news),
    state: {
      ...settle(plan.state, plan.effects, outcomes, policy),
      reasonsDigest: reasonsDigest(plan),
      waiting: news.waiting,
    },
  };
}

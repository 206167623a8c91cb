import { AutoscalerError } from "../model/errors.ts";
import type { LaunchOutcome, Outcome } from "../model/outcome.ts";
import type {
  CordonNode,
  Effect,
  EvictPod,
  LaunchInstances,
  SetDesiredCapacity,
  TerminateInstances,
  UncordonNode,
} from "../model/plan.ts";
import { hasEnded } from "../model/pod.ts";
import { type Reason, reason } from "../model/reason.ts";
import { asksForGpu } from "../model/resources.ts";
import type {
  CapacityWriter,
  ClusterReader,
  ClusterWriter,
  LaunchRequest,
  LaunchResult,
  WriteResult,
} from "../ports/ports.ts";

/** What acting touches. */
export interface Hands {
  readonly clusterReader: Pick<ClusterReader, "podsOnNode">;
  readonly clusterWriter: ClusterWriter;
  readonly capacityWriter: CapacityWriter;
}

/** Effects that were carried out together, and errors that nobody expected, to be thrown once all is recorded. */
export interface Acted {
  readonly outcomes: readonly Outcome[];
  readonly unexpected: readonly unknown[];
}

/**
 * Carries out effects, those of one kind side by side, the kinds in the order in which they come.
 * A node whose cordon failed is neither evicted from nor terminated. An effect that fails leaves
 * the others alone. Effects of pools in `dryRun` are left out.
 */
export async function act(
  effects: readonly Effect[],
  hands: Hands,
  dryRun: ReadonlySet<string>,
  now: number,
): Promise<Acted> {
  const outcomes: Outcome[] = [];
  const unexpected: unknown[] = [];
  const notCordoned = new Set<string>();
  for (const together of runsOfOneKind(effects)) {
    const results = together.map(async (effect): Promise<Outcome> => {
      if (dryRun.has(effect.pool)) return outcome(effect, now, "dry-run", reason("DryRun"));
      try {
        return await carryOut(effect, hands, notCordoned, now);
      } catch (error) {
        if (!(error instanceof AutoscalerError)) unexpected.push(error);
        return failed(effect, now, error);
      }
    });
    for (const each of await Promise.all(results)) outcomes.push(each);
    noteFailedCordons(together, outcomes, notCordoned);
  }
  return { outcomes, unexpected };
}

function carryOut(
  effect: Effect,
  hands: Hands,
  notCordoned: ReadonlySet<string>,
  now: number,
): Promise<Outcome> {
  switch (effect.kind) {
    case "LaunchInstances":
      return launch(effect, hands.capacityWriter, now);
    case "SetDesiredCapacity":
      return setDesired(effect, hands.capacityWriter, now);
    case "CordonNode":
    case "UncordonNode":
      return patch(effect, hands.clusterWriter, now);
    case "EvictPod":
      return evict(effect, hands.clusterWriter, notCordoned, now);
    case "TerminateInstances":
      return terminate(effect, hands, notCordoned, now);
  }
}

/** A gang that cannot be had whole is ended again at once. */
async function launch(effect: LaunchInstances, writer: CapacityWriter, now: number): Promise<Outcome> {
  const { key: token, group, zone, count, gang } = effect;
  const { launched, errors } = await ask(writer, { token, group, zone, count });
  const isWhole = launched.length >= count;
  const rolledBack = !isWhole && gang !== null && launched.length > 0;
  if (rolledBack)
    await writer.terminateInstances(
      group,
      launched.map(({ id }) => id),
    );
  // AWS says why it launched fewer; should it ever not, the offering rests all the same.
  const known = isWhole || errors.length > 0 ? errors : [UNEXPLAINED];
  const answer: LaunchOutcome = { launched: rolledBack ? [] : launched, errors: known, rolledBack };
  if (isWhole) return { ...outcome(effect, now, "done", null), launch: answer };
  const code = rolledBack ? "GangRolledBack" : "CapacityError";
  const detail = known.map((error) => error.code).join(", ");
  const status = answer.launched.length > 0 ? "partly" : "failed";
  return { ...outcome(effect, now, status, reason(code, detail)), launch: answer };
}

/**
 * What AWS refuses for good is an answer like any: nothing came, and the offering rests. Other
 * errors leave open what happened: then the launch is repeated under its token.
 */
async function ask(writer: CapacityWriter, request: LaunchRequest): Promise<LaunchResult> {
  try {
    return await writer.launchInstances(request);
  } catch (error) {
    if (!(error instanceof AutoscalerError) || error.retryable) throw error;
    return { launched: [], errors: [{ code: error.code, message: error.message, instanceType: null }] };
  }
}

const UNEXPLAINED = {
  code: "Unfulfilled",
  message: "fewer instances came than asked for",
  instanceType: null,
};

async function setDesired(effect: SetDesiredCapacity, writer: CapacityWriter, now: number): Promise<Outcome> {
  await writer.setDesiredCapacity(effect.group, effect.to);
  return outcome(effect, now, "done", null);
}

async function patch(
  effect: CordonNode | UncordonNode,
  writer: ClusterWriter,
  now: number,
): Promise<Outcome> {
  const result =
    effect.kind === "CordonNode"
      ? await writer.cordon(effect.node, effect.resourceVersion, effect.taint, effect.reason.code)
      : await writer.uncordon(effect.node, effect.resourceVersion);
  return written(effect, result, now);
}

async function evict(
  effect: EvictPod,
  writer: ClusterWriter,
  notCordoned: ReadonlySet<string>,
  now: number,
): Promise<Outcome> {
  if (notCordoned.has(effect.node)) return skippedForCordon(effect, now);
  return written(effect, await writer.evict(effect), now);
}

/** The pods of each node are listed again, from quorum, before its instance is ended. */
async function terminate(
  effect: TerminateInstances,
  hands: Hands,
  notCordoned: ReadonlySet<string>,
  now: number,
): Promise<Outcome> {
  const spared: string[] = [];
  const checks = effect.instances.map(async ({ id, node }) => {
    if (node === null) return [id];
    if (notCordoned.has(node)) return spare(node, "it could not be cordoned");
    const pods = effect.onlyIfNoGpuPods ? await hands.clusterReader.podsOnNode(node) : [];
    const holder = pods.find((pod) => !hasEnded(pod) && asksForGpu(pod.requests));
    return holder ? spare(node, `pod ${holder.namespace}/${holder.name} is on it`) : [id];
  });
  const ids = (await Promise.all(checks)).flat();
  for (let i = 0; i < ids.length; i += MOST_TERMINATIONS) {
    await hands.capacityWriter.terminateInstances(effect.group, ids.slice(i, i + MOST_TERMINATIONS));
  }
  if (spared.length === 0) return outcome(effect, now, "done", null);
  const status = ids.length > 0 ? "partly" : "skipped";
  return outcome(effect, now, status, reason("PreconditionFailed", spared.join("; ")));

  function spare(node: string, why: string): string[] {
    spared.push(`${node} stays: ${why}`);
    return [];
  }
}

/** What one call takes. */
const MOST_TERMINATIONS = 100;

function written(effect: Effect, result: WriteResult, now: number): Outcome {
  switch (result.status) {
    case "done":
    case "gone":
      return outcome(effect, now, "done", null);
    case "precondition-failed":
      return outcome(effect, now, "skipped", reason("PreconditionFailed", result.detail));
    case "disruption-budget":
      return outcome(effect, now, "skipped", reason("NotEnoughPdb", result.detail));
    case "throttled":
      return outcome(effect, now, "failed", reason("TooManyRequests", result.detail));
  }
}

function noteFailedCordons(
  effects: readonly Effect[],
  outcomes: readonly Outcome[],
  notCordoned: Set<string>,
): void {
  for (const effect of effects) {
    if (effect.kind !== "CordonNode") continue;
    const status = outcomes.find(({ key }) => key === effect.key)?.status;
    if (status !== "done") notCordoned.add(effect.node);
  }
}

function skippedForCordon(effect: EvictPod, now: number): Outcome {
  return outcome(
    effect,
    now,
    "skipped",
    reason("PreconditionFailed", `${effect.node} could not be cordoned`),
  );
}

function failed(effect: Effect, now: number, error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  const isThrottled = error instanceof AutoscalerError && error.code === "throttled";
  return outcome(effect, now, "failed", reason(isThrottled ? "TooManyRequests" : "CallFailed", message));
}

function outcome(effect: Effect, at: number, status: Outcome["status"], why: Reason | null): Outcome {
  return { key: effect.key, status, at, reason: why, launch: null };
}

function runsOfOneKind(effects: readonly Effect[]): Effect[][] {
  const runs: Effect[][] = [];
  for (const effect of effects) {
    const last = runs.at(-1);
    if (last?.[0]?.kind === effect.kind) last.push(effect);
    else runs.push([effect]);
  }
  return runs;
}

import { isMovedByDrain } from "../decide/scale-down/drain.ts";
import type { Pod } from "../model/pod.ts";
import { type DurationMs, type EpochMs, SECOND_MS } from "../model/units.ts";
import type { WriteResult } from "../ports/ports.ts";
import type { InterruptionPorts } from "./interruption-ports.ts";

/** What became of the pods of a node that goes. */
export interface Drained {
  readonly evicted: number;
  /** `namespace/name` of those that could not be evicted in time, and why. */
  readonly left: readonly { readonly pod: string; readonly why: string }[];
}

/** For volumes to be detached, and the instance to be let go, after the last container has ended. */
const MARGIN_MS: DurationMs = 10 * SECOND_MS;
/** A budget lets the next pod go when the one before is replaced. */
const REST_MS: DurationMs = 3 * SECOND_MS;

/**
 * Evicts a node's pods through the eviction API, which PodDisruptionBudgets may hold up: those are
 * asked for again until `end`. Each pod gets all the time that is left before `deadline` to end, so
 * that training can write a checkpoint. Throws what the API server says of a request that it neither
 * carries out nor refuses for a reason of the pod.
 */
export async function drainNode(
  { clock, clusterReader, clusterWriter, rest }: InterruptionPorts,
  node: string,
  deadline: EpochMs,
  end: EpochMs,
): Promise<Drained> {
  const pods = await clusterReader.podsOnNode(node);
  let waiting = pods.filter((pod) => isMovedByDrain(pod) && pod.deletedAt === null);
  let evicted = 0;
  for (;;) {
    const gracePeriodSeconds = graceSeconds(deadline, clock.now());
    const results = await Promise.all(
      waiting.map(async (pod) => ({
        pod,
        result: await clusterWriter.evict({ ...pod, gracePeriodSeconds }),
      })),
    );
    const refused = results.filter(({ result }) => isRefused(result));
    evicted += results.length - refused.length;
    waiting = refused.map(({ pod }) => pod);
    if (refused.length === 0) return { evicted, left: [] };
    if (clock.now() + REST_MS >= end) return { evicted, left: refused.map(whyLeft) };
    await rest(REST_MS);
  }
}

/** Whole seconds, at least one: 0 would kill the pod without a word. */
function graceSeconds(deadline: EpochMs, now: EpochMs): number {
  return Math.max(1, Math.floor((deadline - MARGIN_MS - now) / SECOND_MS));
}

/** A pod that is another by now, or gone, is none of ours. */
function isRefused({ status }: WriteResult): boolean {
  return status === "disruption-budget" || status === "throttled";
}

function whyLeft({
  pod,
  result,
}: {
  readonly pod: Pod;
  readonly result: WriteResult;
}): Drained["left"][number] {
  return { pod: `${pod.namespace}/${pod.name}`, why: "detail" in result ? result.detail : result.status };
}

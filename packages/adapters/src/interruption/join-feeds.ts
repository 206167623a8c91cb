import { AutoscalerError, type Interruption, type InterruptionFeed } from "@gpu-autoscaler/core";

/**
 * What several feeds tell, each instance once: of the nearest end, for which Spot warnings count
 * before all else. One that cannot be read is a gap while another can; throws what the first throws
 * when none can.
 */
export function joinInterruptionFeeds(...feeds: readonly InterruptionFeed[]): InterruptionFeed {
  return {
    async readInterruptions() {
      const readings = await Promise.all(feeds.map(attempt));
      const read = readings.flatMap((each) => (each instanceof AutoscalerError ? [] : [each]));
      const failed = readings.filter((each) => each instanceof AutoscalerError);
      const [first] = failed;
      if (first && read.length === 0) throw first;
      const byInstance = new Map<string, Interruption>();
      for (const each of read.flatMap(({ interruptions }) => interruptions)) {
        const known = byInstance.get(each.instanceId);
        if (!known || isNearer(each, known)) byInstance.set(each.instanceId, each);
      }
      return {
        at: Math.min(...read.map(({ at }) => at)),
        interruptions: [...byInstance.values()],
        gaps: [
          ...read.flatMap(({ gaps = [] }) => gaps),
          ...failed.map(({ message }) => `announced interruptions: ${message}`),
        ],
      };
    },
  };
}

async function attempt(feed: InterruptionFeed) {
  try {
    return await feed.readInterruptions();
  } catch (error) {
    if (error instanceof AutoscalerError) return error;
    throw error;
  }
}

function isNearer(one: Interruption, other: Interruption): boolean {
  const isSpot = one.kind === "spot-interruption";
  if (isSpot !== (other.kind === "spot-interruption")) return isSpot;
  return endOf(one) < endOf(other);
}

function endOf({ deadline }: Interruption): number {
  return deadline ?? Number.POSITIVE_INFINITY;
}

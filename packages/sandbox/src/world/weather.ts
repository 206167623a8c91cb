import { type EpochMs, HOUR_MS } from "@gpu-autoscaler/core";
import { WEATHERS, type Weather } from "./constants.ts";
import { type Random, randomFor } from "./random.ts";

/** Knows when EC2 wants its Spot instances back. */
export interface Weathercock {
  /**
   * When the notice comes for the `ordinal`-th instance launched of a type in a zone; Infinity for
   * never. It depends on nothing but the seed and these four, so that policies meet the same weather.
   */
  interruptionAt(instanceType: string, zone: string, ordinal: number, launchedAt: EpochMs): EpochMs;
}

const MILLION = 1_000_000;

export function createWeathercock(seed: number, weather: Weather, startAt: EpochMs): Weathercock {
  const { singlePerMillionHours, storms } = WEATHERS[weather];
  const byScope = new Map<string, StormLine>();

  function nextStorm(scope: string, perMillionHours: number, after: EpochMs): EpochMs {
    let line = byScope.get(scope);
    if (!line) {
      line = { times: [], random: randomFor(seed, "storms", scope), perHour: perMillionHours / MILLION };
      byScope.set(scope, line);
    }
    return firstAfter(line, startAt, after);
  }

  function stormHits(
    instanceType: string,
    zone: string,
    random: Random,
    from: EpochMs,
    until: EpochMs,
  ): EpochMs {
    if (!storms) return Number.POSITIVE_INFINITY;
    for (let at = from; ; ) {
      const ofType = nextStorm(`${instanceType}/${zone}`, storms.typePerMillionHours, at);
      const ofZone = nextStorm(zone, storms.zonePerMillionHours, at);
      at = Math.min(ofType, ofZone);
      if (at >= until) return Number.POSITIVE_INFINITY;
      if (random.chance(storms.hitMilli)) return at + random.duration({ fromMs: 0, toMs: storms.spreadMs });
    }
  }

  return {
    interruptionAt(instanceType, zone, ordinal, launchedAt) {
      if (singlePerMillionHours === 0 && !storms) return Number.POSITIVE_INFINITY;
      const random = randomFor(seed, "weather", instanceType, zone, ordinal);
      const single = launchedAt + Math.ceil(random.hoursUntilNext(singlePerMillionHours / MILLION) * HOUR_MS);
      return Math.min(single, stormHits(instanceType, zone, random, launchedAt, single));
    },
  };
}

/** The storms of one scope as far as they have been asked for. */
interface StormLine {
  readonly times: EpochMs[];
  readonly random: Random;
  readonly perHour: number;
}

function firstAfter(line: StormLine, startAt: EpochMs, after: EpochMs): EpochMs {
  while ((line.times.at(-1) ?? startAt) <= after) {
    const from = line.times.at(-1) ?? startAt;
    line.times.push(from + Math.ceil(line.random.hoursUntilNext(line.perHour) * HOUR_MS));
  }
  return line.times[firstIndexAfter(line.times, after)] ?? Number.POSITIVE_INFINITY;
}

function firstIndexAfter(times: readonly EpochMs[], after: EpochMs): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

import { gpuParts, instanceShape, type Policy, type Pool, type Prices } from "@gpu-autoscaler/core";
import { gpuRequest, layoutFor } from "../load/gpu-request.ts";
import type { PodRow } from "../load/pod-row.ts";
import type { SpotUse } from "./comparison-world.ts";

const HOUR_MS = 3_600_000n;
/** Of Spot shares: thousandths. */
const MILLI = 1_000n;

/** An exact amount: dividend over divisor, the divisor above 0. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

const NOTHING: Fraction = { over: 0n, under: 1n };

/**
 * What no policy can cost less than, in nano-dollars, rounded down: each pod runs from its
 * submission on, once, for its share of the cheapest node that it fits on by itself: the least,
 * over instance types, of price × GPUs it holds ÷ the type's GPUs × its run time. A share of a GPU
 * counts as what the pool's sharing layout rounds it up to. Pods that fit nowhere cost nothing.
 *
 * With Spot `mix` a type that can be had both ways costs its Spot price for the policy's share and
 * its On-Demand price for the rest. Reserved capacity costs nothing more.
 */
export function lowerBoundNanoDollars(
  rows: readonly PodRow[],
  policy: Policy,
  prices: Prices,
  spot: SpotUse,
): number {
  const offers = policy.pools.map((pool) => ({ pool, types: offersOf(pool, policy, prices, spot) }));
  const layouts = policy.pools.map(({ sharing }) => sharing);
  const byKind = new Map<string, Fraction | null>();
  // Sums by divisor, so that they stay small and exact.
  const sums = new Map<bigint, bigint>();
  for (const row of rows) {
    const kind = `${row.gpus} ${row.gpuMilli} ${row.cpuMilli} ${row.memoryBytes}`;
    let least = byKind.get(kind);
    if (least === undefined) {
      least = leastPerHour(row, offers, layouts);
      byKind.set(kind, least);
    }
    if (least) sums.set(least.under, (sums.get(least.under) ?? 0n) + least.over * BigInt(row.durationMs));
  }
  let total = NOTHING;
  for (const [under, over] of sums) total = add(total, { over, under });
  return Number(total.over / (total.under * HOUR_MS));
}

/** An instance type as a pool offers it. */
interface Offer {
  readonly gpus: number;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** Of an hour of the whole node. */
  readonly price: Fraction;
}

function offersOf(pool: Pool, policy: Policy, prices: Prices, spot: SpotUse): Offer[] {
  const types = new Set(pool.groups.flatMap(({ instanceTypes }) => instanceTypes));
  return [...types].flatMap((type) => {
    const shape = instanceShape(type);
    const price = priceOf(type, pool, policy, prices, spot);
    if (!shape || !price) return [];
    const { cpuMilli, memoryBytes } = shape.allocatable;
    return [{ gpus: shape.gpus, cpuMilli, memoryBytes, price }];
  });
}

function priceOf(type: string, pool: Pool, policy: Policy, prices: Prices, spot: SpotUse): Fraction | null {
  const groups = pool.groups.filter(({ instanceTypes }) => instanceTypes.includes(type));
  if (groups.some(({ capacityType }) => capacityType === "reserved")) return NOTHING;
  const onDemand = spot !== "all" && groups.some(({ capacityType }) => capacityType === "on-demand");
  const onDemandPrice = onDemand ? (prices.onDemand[type] ?? null) : null;
  const zones = groups.filter(({ capacityType }) => capacityType === "spot").flatMap((group) => group.zones);
  const spotPrice = spot === "none" ? null : leastOf(zones.map((zone) => prices.spot[`${type}/${zone}`]));
  if (onDemandPrice === null || spotPrice === null) {
    const only = onDemandPrice ?? spotPrice;
    return only === null ? null : { over: BigInt(only), under: 1n };
  }
  const share = BigInt(policy.spot.shareMilli);
  return { over: share * BigInt(spotPrice) + (MILLI - share) * BigInt(onDemandPrice), under: MILLI };
}

function leastOf(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.min(...known) : null;
}

/** What an hour of the pod costs at the least, or null where it fits nowhere. */
function leastPerHour(
  row: PodRow,
  offers: readonly { readonly pool: Pool; readonly types: readonly Offer[] }[],
  layouts: readonly Pool["sharing"][],
): Fraction | null {
  const request = gpuRequest(row, layoutFor(row, layouts)) ?? {};
  let least: Fraction | null = null;
  for (const { pool, types } of offers) {
    const held = gpusHeld(request, pool);
    if (!held) continue;
    for (const { gpus, cpuMilli, memoryBytes, price } of types) {
      if (gpus === 0 || row.cpuMilli > cpuMilli || row.memoryBytes > memoryBytes) continue;
      if (held.over > held.under * BigInt(gpus)) continue;
      const cost = { over: price.over * held.over, under: price.under * held.under * BigInt(gpus) };
      if (!least || cost.over * least.under < least.over * cost.under) least = cost;
    }
  }
  return least;
}

/** How many of a pool's GPUs the request holds, or null where the pool has no such resource. */
function gpusHeld(request: Readonly<Record<string, number>>, pool: Pool): Fraction | null {
  let held = NOTHING;
  for (const [resource, count] of Object.entries(request)) {
    const part = gpuParts(pool.sharing, resource);
    if (!part) return null;
    held = add(held, { over: BigInt(count * part.parts), under: BigInt(part.perGpu) });
  }
  return held;
}

function add(a: Fraction, b: Fraction): Fraction {
  if (a.under === b.under) return { over: a.over + b.over, under: a.under };
  return { over: a.over * b.under + b.over * a.under, under: a.under * b.under };
}

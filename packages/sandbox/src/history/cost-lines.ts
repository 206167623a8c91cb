import type { NanoDollars } from "@gpu-autoscaler/core";
import type { Bill, PodStay, WorldResult } from "../world/index.ts";

/**
 * What a run cost, split twice: by pool and by namespace. Either way the parts and `spotExcess` are
 * the run's cost to the nano-dollar.
 */
export interface CostLines {
  /** Dearest first, ties by name. */
  readonly pools: readonly PoolCost[];
  /** Likewise. Of the nodes' time that pods of the namespace held. */
  readonly namespaces: readonly NamespaceCost[];
  /** Of GPUs from the launch call until they serve. */
  readonly starting: NanoDollars;
  /** Of GPUs that serve and that no pod held. */
  readonly idle: NanoDollars;
  /** Spot beyond its share, billed at the On-Demand price after all: of instance types, not of nodes. */
  readonly spotExcess: NanoDollars;
}

export interface PoolCost {
  readonly pool: string;
  readonly held: NanoDollars;
  readonly starting: NanoDollars;
  readonly idle: NanoDollars;
}

export interface NamespaceCost {
  readonly namespace: string;
  readonly held: NanoDollars;
  /** GPUs × time that its pods held on nodes that are billed. */
  readonly gpuMs: number;
}

/** What pods of a namespace held of an instance: parts of a GPU × milliseconds. */
interface Holding {
  partMs: number;
  readonly perGpu: number;
}

/**
 * Splits each node's bill by the GPU time that namespaces held, that passed until it served, and
 * that was idle. Each of them is counted by itself; shares are rounded by the largest remainder.
 */
export function costLines({
  bills,
  stays,
  spotExcess,
}: Pick<WorldResult, "bills" | "stays" | "spotExcess">): CostLines {
  const holdings = holdingsByInstance(stays);
  const pools = new Map<string, { held: number; starting: number; idle: number }>();
  const namespaces = new Map<string, { held: number; gpuMs: number }>();
  for (const bill of bills) {
    const its = [...(holdings.get(bill.instanceId) ?? [])];
    const [starting = 0, idle = 0, ...held] = shareOut(bill.nanoDollars, weightsOf(bill, its));
    const pool = pools.get(bill.pool) ?? { held: 0, starting: 0, idle: 0 };
    pools.set(bill.pool, pool);
    pool.starting += starting;
    pool.idle += idle;
    for (const [at, [namespace, { partMs, perGpu }]] of its.entries()) {
      const sums = namespaces.get(namespace) ?? { held: 0, gpuMs: 0 };
      namespaces.set(namespace, sums);
      sums.held += held[at] ?? 0;
      sums.gpuMs += partMs / perGpu;
      pool.held += held[at] ?? 0;
    }
  }
  return {
    pools: [...pools]
      .map(([pool, sums]) => ({ pool, ...sums }))
      .sort((a, b) => costOf(b) - costOf(a) || (a.pool < b.pool ? -1 : 1)),
    namespaces: [...namespaces]
      .map(([namespace, sums]) => ({ namespace, ...sums }))
      .sort((a, b) => b.held - a.held || (a.namespace < b.namespace ? -1 : 1)),
    starting: sumOf([...pools.values()].map((each) => each.starting)),
    idle: sumOf([...pools.values()].map((each) => each.idle)),
    spotExcess: sumOf(spotExcess.map(({ nanoDollars }) => nanoDollars)),
  };
}

export function costOf({ held, starting, idle }: Omit<PoolCost, "pool">): NanoDollars {
  return held + starting + idle;
}

function holdingsByInstance(stays: readonly PodStay[]): Map<string, Map<string, Holding>> {
  const byInstance = new Map<string, Map<string, Holding>>();
  for (const { instanceId, namespace, startedAt, endedAt, parts, perGpu } of stays) {
    if (instanceId === null || startedAt === null) continue;
    const byNamespace = byInstance.get(instanceId) ?? new Map<string, Holding>();
    byInstance.set(instanceId, byNamespace);
    const holding = byNamespace.get(namespace) ?? { partMs: 0, perGpu };
    byNamespace.set(namespace, holding);
    holding.partMs += parts * (endedAt - startedAt);
  }
  return byInstance;
}

/** Of starting, of idling and of each holding: parts of a GPU × milliseconds. */
function weightsOf(
  { gpus, launchedAt, servingFrom, endedAt }: Bill,
  holdings: readonly (readonly [string, Holding])[],
): number[] {
  const perGpu = holdings[0]?.[1].perGpu ?? 1;
  const serves = servingFrom ?? endedAt;
  const starting = gpus * perGpu * (serves - launchedAt);
  const held = holdings.map(([, { partMs }]) => partMs);
  const idle = gpus * perGpu * (endedAt - serves) - sumOf(held);
  return [starting, idle, ...held];
}

/**
 * Whole parts of an amount in proportion to the weights: each rounded down, and what is left over
 * goes, one each, to those that lost most by it, ties to the earlier (largest remainder, Hamilton).
 */
export function shareOut(amount: number, weights: readonly number[]): number[] {
  const total = BigInt(sumOf(weights));
  if (total === 0n) return weights.map(() => 0);
  const parts = weights.map((weight, at) => {
    const product = BigInt(amount) * BigInt(weight);
    return { at, part: Number(product / total), remainder: product % total };
  });
  let left = amount - sumOf(parts.map(({ part }) => part));
  const shares = parts.map(({ part }) => part);
  const byLoss = parts.toSorted(
    (a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder),
  );
  for (const { at, part } of byLoss) {
    if (left <= 0) break;
    shares[at] = part + 1;
    left -= 1;
  }
  return shares;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0);
}

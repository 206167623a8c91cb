import type { Policy } from "../../model/policy.ts";
import type { Pool } from "../../model/pool.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Fleet } from "../fleet.ts";

/** How many nodes of each pool are being drained of their pods, and may be. */
export interface DisruptionLimits {
  /** Why one more may not be, or null. */
  whyReached(pool: Pool): Reason | null;
  take(pool: Pool): void;
}

/** A share of the pool's nodes at a time, at least one. */
export function createDisruptionLimits({ machines }: Fleet, { scaleDown }: Policy): DisruptionLimits {
  const nodes = new Map<Pool, number>();
  for (const { managed, node } of machines) {
    if (managed && node) nodes.set(managed.pool, (nodes.get(managed.pool) ?? 0) + 1);
  }
  const taken = new Map<Pool, number>();
  return {
    whyReached(pool: Pool): Reason | null {
      const most = Math.max(1, Math.floor(((nodes.get(pool) ?? 0) * scaleDown.disruptionShareMilli) / 1000));
      return (taken.get(pool) ?? 0) < most
        ? null
        : reason("DisruptionLimitReached", `${most} of ${pool.name}`);
    },
    take: (pool: Pool) => taken.set(pool, (taken.get(pool) ?? 0) + 1),
  };
}

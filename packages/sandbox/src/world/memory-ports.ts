import type { Clock, DecisionLog, Lease, StateStore, StoredState, TickRecord } from "@gpu-autoscaler/core";

/** A state store that forgets when the program ends. */
export function createMemoryStateStore(): StateStore {
  const stored = new Map<string, StoredState>();
  return {
    async load(cluster) {
      return stored.get(cluster) ?? null;
    },
    async save(state, expected) {
      const version = stored.get(state.cluster)?.version ?? 0;
      if (version !== expected) return null;
      stored.set(state.cluster, { state, version: version + 1 });
      return version + 1;
    },
  };
}

/** Longer than any function may run (AWS Lambda: 15 min). */
const LEASE_MS = 16 * 60_000;

/** A lease among the ticks of one process. It runs out by itself, should its holder never let go. */
export function createMemoryLease(clock: Clock): Lease {
  const held = new Map<string, { readonly until: number; again: boolean }>();
  return {
    async acquire(cluster) {
      const lease = held.get(cluster);
      if (lease && lease.until > clock.now()) {
        lease.again = true;
        return false;
      }
      held.set(cluster, { until: clock.now() + LEASE_MS, again: false });
      return true;
    },
    async releaseOrAgain(cluster) {
      const again = held.get(cluster)?.again ?? false;
      if (again) held.set(cluster, { until: clock.now() + LEASE_MS, again: false });
      else held.delete(cluster);
      return again;
    },
  };
}

/** A decision log that hands each record on, by default into a list. */
export function createMemoryDecisionLog(records: TickRecord[] = []): DecisionLog & {
  readonly records: readonly TickRecord[];
} {
  return {
    records,
    async append(record) {
      records.push(record);
    },
  };
}

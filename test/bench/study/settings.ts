import { NANO_DOLLARS_PER_DOLLAR, type Policy, type Pool } from "@gpu-autoscaler/core";

/** Settings that a study changes, for every pool. null: never, or without limit. */
export interface Settings {
  /** Of every group, instead of as long as pays. */
  readonly keepTimeMs?: number;
  readonly waitDollarsPerHour?: number;
  readonly underusedAfterMs?: number | null;
  readonly headroom?: boolean;
  /** Of normal and low pods; high ones never wait. */
  readonly pendingForMs?: { readonly normal: number; readonly low: number };
  readonly underusedShareMilli?: number;
  readonly underusedUtilizationMilli?: number;
  readonly closeAboveMilli?: number | null;
  readonly replaceAboveMilli?: number | null;
  readonly disruptionShareMilli?: number;
  /** What the decision strives for; the world's own share stays. */
  readonly spotShareMilli?: number;
  readonly spotLossHours?: number;
  readonly expectFill?: boolean;
  /** The first rest after a capacity error, and the longest. */
  readonly capacityErrorRestMs?: number;
  /** GPU measurements are not shown to the decision. */
  readonly unmeasured?: boolean;
}

/** The policy with these settings. */
export function changed(policy: Policy, settings: Settings): Policy {
  const { scaleUp, scaleDown, spot, capacityErrors } = policy;
  const rest = settings.capacityErrorRestMs;
  return {
    ...policy,
    pools: policy.pools.map((pool) => ({
      ...pool,
      keepTimeMs: settings.keepTimeMs ?? pool.keepTimeMs,
      underusedAfterMs: orNever(settings.underusedAfterMs, pool.underusedAfterMs),
      headroom: settings.headroom ?? pool.headroom,
    })),
    scaleUp: { ...scaleUp, pendingForMs: { ...scaleUp.pendingForMs, ...settings.pendingForMs } },
    scaleDown: {
      ...scaleDown,
      underusedShareMilli: settings.underusedShareMilli ?? scaleDown.underusedShareMilli,
      underusedUtilizationMilli: settings.underusedUtilizationMilli ?? scaleDown.underusedUtilizationMilli,
      closeAboveMilli: orNever(settings.closeAboveMilli, scaleDown.closeAboveMilli),
      waitNanoDollarsPerHour:
        settings.waitDollarsPerHour === undefined
          ? scaleDown.waitNanoDollarsPerHour
          : settings.waitDollarsPerHour * NANO_DOLLARS_PER_DOLLAR,
      replaceAboveMilli: orNever(settings.replaceAboveMilli, scaleDown.replaceAboveMilli),
      disruptionShareMilli: settings.disruptionShareMilli ?? scaleDown.disruptionShareMilli,
    },
    spot: {
      ...spot,
      shareMilli: settings.spotShareMilli ?? spot.shareMilli,
      lossHours: settings.spotLossHours ?? spot.lossHours,
      expectFill: settings.expectFill ?? spot.expectFill,
    },
    capacityErrors: {
      ...capacityErrors,
      firstRestMs: rest ?? capacityErrors.firstRestMs,
      longestRestMs: rest ?? capacityErrors.longestRestMs,
    },
  };
}

function orNever(value: number | null | undefined, shipped: number): number {
  return value === null ? Number.POSITIVE_INFINITY : (value ?? shipped);
}

/** GPUs that are time-sliced into so many replicas. */
export interface SharedPools {
  readonly replicas: number;
  /** Of which machines; null: of each that there is. */
  readonly instanceType: string | null;
}

/** Beside pools of whole GPUs others of the same machines, whose GPUs pods share. */
export function withSharedPools(policy: Policy, { replicas, instanceType }: SharedPools): Policy {
  const isMeant = ({ groups }: Pool) =>
    instanceType === null || groups.some(({ instanceTypes }) => instanceTypes.includes(instanceType));
  const shared = (pool: Pool): Pool => {
    const name = `${pool.name}-shared`;
    const groups = pool.groups.map((group) => ({ ...group, name: `${group.name}-shared`, pool: name }));
    return { ...pool, name, groups, sharing: { kind: "time-slicing", replicas, renamed: true } };
  };
  return { ...policy, pools: [...policy.pools, ...policy.pools.filter(isMeant).map(shared)] };
}

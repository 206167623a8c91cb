import {
  type CapacityType,
  GPU,
  type Group,
  HOUR_MS,
  type Labels,
  MINUTE_MS,
  NANO_DOLLARS_PER_DOLLAR,
  type Policy,
  type Pool,
  SECOND_MS,
  type Sharing,
  type Taint,
} from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { aPolicy, aPool, START, ZONES } from "../builders/index.ts";

/** A pool, and what Auto Scaling says of its groups that the pool does not. */
export interface PoolDraft {
  readonly instanceTypes: readonly string[];
  readonly capacityTypes: readonly CapacityType[];
  readonly sharing: Sharing;
  readonly zones: number;
  readonly adopted: boolean;
  readonly tainted: boolean;
  readonly labelled: boolean;
  readonly minNodes: number;
  readonly maxNodes: number;
  readonly groupMinNodes: number;
  readonly groupMaxNodes: number;
  readonly keepTimeMs: number;
  readonly blockEnds: boolean;
  readonly awsMin: number;
  readonly awsMax: number;
  /** Desired capacity above what exists. */
  readonly unfilled: number;
  readonly reserved: number;
  readonly paused: boolean;
}

/** How many in a hundred of something that is seldom. */
export function seldom(percent: number): fc.Arbitrary<boolean> {
  return fc.nat({ max: 99 }).map((dice) => dice >= 100 - percent);
}

/** The first one, unless the dice fall on another: shrinks to the first. */
export function mostly<Item>(usual: Item, ...others: Item[]): fc.Arbitrary<Item> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(usual, ...others) },
  );
}

const sharing = mostly<Sharing>(
  { kind: "whole" },
  { kind: "time-slicing", replicas: 2, renamed: false },
  { kind: "time-slicing", replicas: 3, renamed: true },
  { kind: "mig", strategy: "single", profiles: { "1g.10gb": 7 } },
  { kind: "mig", strategy: "mixed", profiles: { "1g.10gb": 4, "3g.40gb": 1 } },
);

export const poolDraft: fc.Arbitrary<PoolDraft> = fc.record({
  instanceTypes: fc.constantFrom(
    ["g6.xlarge"],
    ["g6.xlarge", "g6.2xlarge"],
    ["g6.2xlarge", "g5.xlarge"],
    ["g5g.xlarge"],
    ["g7.12xlarge"],
    ["g6.12xlarge"],
    ["g6.48xlarge"],
  ),
  capacityTypes: fc.constantFrom<CapacityType[]>(
    ["on-demand"],
    ["spot", "on-demand"],
    ["spot"],
    ["reserved", "on-demand"],
  ),
  sharing,
  zones: fc.integer({ min: 1, max: 3 }),
  adopted: seldom(12),
  tainted: fc.boolean(),
  labelled: fc.boolean(),
  minNodes: mostly(0, 0, 0, 1, 2),
  maxNodes: mostly(1000, 0, 1, 3, 5),
  groupMinNodes: mostly(0, 0, 0, 1, 2),
  groupMaxNodes: mostly(1000, 1, 2, 4),
  keepTimeMs: mostly(5 * MINUTE_MS, 0),
  blockEnds: seldom(15),
  awsMin: mostly(0, 1, 2),
  awsMax: mostly(1000, 0, 1, 3, 5),
  unfilled: mostly(0, 1, 2),
  reserved: fc.constantFrom(0, 1, 4),
  paused: seldom(8),
});

/** Pools and groups that keep no node for its own sake. */
export const poolWithoutMinimum: fc.Arbitrary<PoolDraft> = poolDraft.map((draft) => ({
  ...draft,
  minNodes: 0,
  groupMinNodes: 0,
}));

/** What a pool's nodes are tainted with, if they are. */
const GPU_TAINT: Taint = { key: GPU, value: "present", effect: "NoSchedule" };
/** What half of the pools' nodes bear. */
const TEAM_LABELS: Labels = { team: "vision" };

export function poolOf(draft: PoolDraft, index: number): Pool {
  const name = `pool-${index}`;
  const pool = aPool(name, draft.instanceTypes, {
    capacityTypes: draft.adopted ? draft.capacityTypes.slice(0, 1) : draft.capacityTypes,
    zones: ZONES.slice(0, draft.zones),
    sharing: draft.sharing,
    taints: draft.tainted ? [GPU_TAINT] : [],
    labels: draft.labelled ? TEAM_LABELS : {},
    minNodes: draft.minNodes,
    maxNodes: draft.maxNodes,
    keepTimeMs: draft.keepTimeMs,
    group: { minNodes: draft.groupMinNodes, maxNodes: draft.groupMaxNodes, adopted: draft.adopted },
  });
  const ending = (group: Group): Group =>
    group.capacityType === "reserved" && draft.blockEnds
      ? { ...group, reservationEndsAt: START + 50 * MINUTE_MS }
      : group;
  return { ...pool, groups: pool.groups.map(ending) };
}

/** The rest of a policy: waits, caps, Spot. */
export interface PolicyDraft {
  readonly normalMs: number;
  readonly lowMs: number;
  readonly maxLaunchesPerTick: number;
  readonly maxNodes: number;
  readonly maxDollarsPerHour: number;
  readonly shareMilli: number;
  readonly staleAfterMs: number;
}

export const policyDraft: fc.Arbitrary<PolicyDraft> = fc.record({
  normalMs: mostly(0, 30 * SECOND_MS),
  lowMs: mostly(0, 2 * MINUTE_MS),
  maxLaunchesPerTick: mostly(1000, 0, 1, 3),
  maxNodes: mostly(Number.POSITIVE_INFINITY, 2, 6, 12),
  maxDollarsPerHour: mostly(Number.POSITIVE_INFINITY, 1, 5, 20),
  shareMilli: fc.constantFrom(600, 0, 300, 500, 1000),
  staleAfterMs: mostly(3 * MINUTE_MS, 24 * HOUR_MS),
});

export function policyOf(pools: readonly Pool[], draft: PolicyDraft): Policy {
  const plain = aPolicy(pools);
  return {
    ...plain,
    scaleUp: {
      pendingForMs: { high: 0, normal: draft.normalMs, low: draft.lowMs },
      maxLaunchesPerTick: draft.maxLaunchesPerTick,
      maxNodes: draft.maxNodes,
      maxNanoDollarsPerHour: draft.maxDollarsPerHour * NANO_DOLLARS_PER_DOLLAR,
    },
    spot: { ...plain.spot, shareMilli: draft.shareMilli },
    staleAfterMs: draft.staleAfterMs,
  };
}

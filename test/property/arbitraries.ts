import {
  type CapacityErrorMemory,
  type ControllerState,
  type DaemonSet,
  type Freshness,
  type GpuMeasurement,
  type Group,
  type GroupStatus,
  type LaunchIntent,
  MINUTE_MS,
  type Node,
  offeringKey,
  type Part,
  type Pod,
  type PodDisruptionBudget,
  type Policy,
  SECOND_MS,
  type Snapshot,
} from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { aPod, aSnapshot, matching, START } from "../builders/index.ts";
import { type MachineDraft, type MachineParts, machineDraft, machineOf } from "./nodes.ts";
import {
  type BoundDraft,
  boundDraft,
  boundPods,
  displacedOwners,
  type GangDraft,
  gangDraft,
  gangOfDraft,
  type SingleDraft,
  singleDraft,
  singlesOf,
} from "./pods.ts";
import {
  type PolicyDraft,
  type PoolDraft,
  policyDraft,
  policyOf,
  poolDraft,
  poolOf,
  seldom,
} from "./pools.ts";

/** A cluster at `START`, and the policy for it. */
export interface Situation {
  readonly policy: Policy;
  readonly snapshot: Snapshot;
}

/** A launch of which no answer was recorded. */
interface IntentDraft {
  readonly pool: number;
  readonly zone: number;
  readonly count: number;
  readonly ageMs: number;
}

interface ErrorDraft {
  readonly pool: number;
  readonly zone: number;
  readonly ofType: boolean;
  readonly retryInMs: number;
}

interface MeasurementDraft {
  readonly node: number;
  readonly agoMs: number;
  readonly utilizationMilli: number;
}

/** Numbers and words out of which a situation is made. */
export interface Draft {
  readonly pools: readonly PoolDraft[];
  readonly policy: PolicyDraft;
  readonly machines: readonly MachineDraft[];
  readonly singles: readonly SingleDraft[];
  readonly gangs: readonly GangDraft[];
  readonly bound: readonly BoundDraft[];
  readonly intents: readonly IntentDraft[];
  readonly errors: readonly ErrorDraft[];
  readonly measurements: readonly MeasurementDraft[];
  readonly budgets: readonly number[];
  readonly daemon: "none" | "takes cpu" | "takes a host port";
  /** What is stale, and by how much. */
  readonly stale: readonly { readonly part: Part; readonly agoMs: number; readonly unread: boolean }[];
}

const most = { size: "max" } as const;
const nothing = <Item>() => fc.constant<readonly Item[]>([]);

const PLAIN: { readonly [Key in keyof Draft]: fc.Arbitrary<Draft[Key]> } = {
  pools: fc.array(poolDraft, { minLength: 1, maxLength: 6, ...most }),
  policy: policyDraft,
  machines: fc.array(machineDraft, { maxLength: 12, ...most }),
  singles: fc.array(singleDraft, { minLength: 1, maxLength: 4, ...most }),
  gangs: fc.oneof(nothing<GangDraft>(), fc.array(gangDraft, { minLength: 1, maxLength: 2 })),
  bound: fc.array(boundDraft, { maxLength: 6, ...most }),
  intents: mostlyNone(
    fc.record({
      pool: fc.nat({ max: 5 }),
      zone: fc.nat({ max: 2 }),
      count: fc.integer({ min: 1, max: 3 }),
      ageMs: fc.constantFrom(MINUTE_MS, 10 * MINUTE_MS),
    }),
  ),
  errors: mostlyNone(
    fc.record({
      pool: fc.nat({ max: 5 }),
      zone: fc.nat({ max: 2 }),
      ofType: fc.boolean(),
      retryInMs: fc.constantFrom(-SECOND_MS, SECOND_MS, 5 * MINUTE_MS),
    }),
  ),
  measurements: fc.array(
    fc.record({
      node: fc.nat({ max: 11 }),
      agoMs: fc.constantFrom(0, 10 * MINUTE_MS, 40 * MINUTE_MS),
      utilizationMilli: fc.constantFrom(0, 30, 900),
    }),
    { maxLength: 6 },
  ),
  budgets: fc.array(fc.nat({ max: 2 }), { maxLength: 2 }),
  daemon: fc.constantFrom("none", "takes cpu", "takes a host port"),
  stale: fc.constant([]),
};

/** Parts that are stale, or that could not be read at all. */
export const staleParts = (parts: readonly Part[]): fc.Arbitrary<Draft["stale"]> =>
  fc.uniqueArray(
    fc.record({
      part: fc.constantFrom(...parts),
      agoMs: fc.constantFrom(3 * MINUTE_MS, MINUTE_MS, 10 * MINUTE_MS),
      unread: fc.boolean(),
    }),
    { minLength: 1, maxLength: parts.length, selector: ({ part }) => part },
  );

function mostlyNone<Item>(item: fc.Arbitrary<Item>): fc.Arbitrary<readonly Item[]> {
  return seldom(35).chain((are) => (are ? fc.array(item, { minLength: 1, maxLength: 2 }) : nothing<Item>()));
}

/** Situations of all kinds, but for what `changes` draw otherwise. */
export function situations(
  changes: { readonly [Key in keyof Draft]?: fc.Arbitrary<Draft[Key]> } = {},
): fc.Arbitrary<Situation> {
  return fc.record({ ...PLAIN, ...changes }).map((draft) => {
    // A failure shows the few words of the draft instead of every object that they stand for.
    return { ...situationOf(draft), [fc.toStringMethod]: () => JSON.stringify(draft, unlessUsual) };
  });
}

/** Leaves out of a failure's text what says nothing. */
function unlessUsual(_: string, value: unknown): unknown {
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return isEmpty || value === null || value === false || value === "none" || value === "nothing"
    ? undefined
    : value;
}

function situationOf(draft: Draft): Situation {
  const pools = draft.pools.map(poolOf);
  const policy = policyOf(pools, draft.policy);
  const machines = draft.machines.map((each, index) => machineOf(each, index, pools));
  const nodes = machines.flatMap(({ node }) => node ?? []);
  const pods = [
    ...draft.singles.flatMap((each, index) => singlesOf(each, index, nodes)),
    ...draft.gangs.flatMap((each, index) => gangOfDraft(each, index, nodes)),
    ...boundPods(draft.bound, nodes),
  ];
  const snapshot = aSnapshot(policy, {
    nodes,
    pods,
    daemonSets: daemonSets(draft.daemon),
    namespaces: { default: {} },
    budgets: draft.budgets.map(budgetOf),
    statuses: statusesOf(draft, policy, machines),
    measurements: measurementsOf(draft.measurements, nodes),
    interruptions: machines.flatMap(({ interruption }) => interruption ?? []),
    state: stateOf(draft, policy, machines),
  });
  return { policy, snapshot: { ...snapshot, freshness: freshnessOf(draft.stale) } };
}

function statusesOf(
  draft: Draft,
  { pools }: Policy,
  machines: readonly MachineParts[],
): Record<string, Partial<GroupStatus>> {
  const status = (group: Group, pool: PoolDraft | undefined): Partial<GroupStatus> => {
    const instances = machines.flatMap((each) => (each.group === group && each.instance) || []);
    const live = instances.filter(({ lifecycle }) => lifecycle !== "terminating").length;
    return {
      instances,
      desired: live + (pool?.unfilled ?? 0),
      min: pool?.awsMin ?? 0,
      max: pool?.awsMax ?? 0,
      reservedAvailable: group.capacityType === "reserved" ? (pool?.reserved ?? 0) : null,
    };
  };
  return Object.fromEntries(
    pools.flatMap(({ groups }, i) => groups.map((group) => [group.name, status(group, draft.pools[i])])),
  );
}

function stateOf(
  draft: Draft,
  { pools }: Policy,
  machines: readonly MachineParts[],
): Partial<ControllerState> {
  const known = <Value>(
    value: (machine: MachineParts) => Value | null,
    key: (machine: MachineParts) => string,
  ) =>
    Object.fromEntries(
      machines.flatMap((machine): [string, Value][] => {
        const its = value(machine);
        return its === null ? [] : [[key(machine), its]];
      }),
    );
  return {
    paused: pools.flatMap(({ name }, i) => (draft.pools[i]?.paused ? [name] : [])),
    emptySince: known(
      ({ emptySince }) => emptySince,
      ({ node }) => node?.instanceId ?? "",
    ),
    draining: known(
      ({ drain }) => drain,
      ({ name }) => name,
    ),
    launches: {
      ...known<LaunchIntent>(
        ({ intent }) => intent,
        ({ name }) => `launch-of-${name}`,
      ),
      ...openIntents(draft.intents, pools),
    },
    capacityErrors: capacityErrors(draft.errors, pools),
    displaced: Object.fromEntries(
      displacedOwners(draft.singles).map((uid, index) => [
        uid,
        { until: START + 20 * MINUTE_MS, times: 1 + (index % 2) },
      ]),
    ),
  };
}

function openIntents(drafts: Draft["intents"], pools: Policy["pools"]): Record<string, LaunchIntent> {
  return Object.fromEntries(
    drafts.map(({ pool, zone, count, ageMs }, index) => {
      const groups = pools[pool % pools.length]?.groups.filter(({ adopted }) => !adopted) ?? [];
      const group = groups[0];
      const intent: LaunchIntent = {
        group: group?.name ?? "of another time",
        zone: group?.zones[zone % group.zones.length] ?? "",
        count,
        gang: null,
        pods: [],
        createdAt: START - ageMs,
        instances: null,
      };
      return [`open-${index}`, intent];
    }),
  );
}

function capacityErrors(
  drafts: Draft["errors"],
  pools: Policy["pools"],
): Record<string, CapacityErrorMemory> {
  return Object.fromEntries(
    drafts.flatMap((draft) => {
      const group = pools[draft.pool % pools.length]?.groups[0];
      const zone = group?.zones[draft.zone % group.zones.length];
      if (!group || zone === undefined) return [];
      const memory: CapacityErrorMemory = {
        code: "InsufficientInstanceCapacity",
        failures: 1,
        lastAt: START - MINUTE_MS,
        retryAt: START + draft.retryInMs,
      };
      const ofType = `${group.instanceTypes[0]}/${zone}/${group.capacityType}`;
      return [[draft.ofType ? ofType : offeringKey({ group: group.name, zone }), memory]];
    }),
  );
}

function measurementsOf(drafts: Draft["measurements"], nodes: readonly Node[]): GpuMeasurement[] {
  return drafts.flatMap(({ node, agoMs, utilizationMilli }, index) => {
    const measured = nodes[node];
    if (!measured) return [];
    return {
      node: measured.name,
      gpu: `GPU-${index}`,
      pods: [],
      lastSampleAt: START - agoMs,
      lastUtilizationMilli: utilizationMilli,
      meanUtilizationMilli: utilizationMilli,
      coverageMilli: 1000,
    };
  });
}

function budgetOf(disruptionsAllowed: number, index: number): PodDisruptionBudget {
  const name = `budget-${index}`;
  return {
    namespace: "default",
    name,
    selector: matching({ app: index === 0 ? "a" : "b" }),
    disruptionsAllowed,
  };
}

function daemonSets(kind: Draft["daemon"]): DaemonSet[] {
  if (kind === "none") return [];
  const plain: Pod = aPod("daemon")
    .inNamespace("kube-system")
    .labelled({ app: "daemon" })
    .cpu(0.5)
    .tolerating("", { operator: "Exists" })
    .build();
  const hostPorts = [{ hostIp: "0.0.0.0", protocol: "TCP" as const, port: 9400 }];
  const template = kind === "takes a host port" ? { ...plain, hostPorts } : plain;
  return [{ namespace: "kube-system", name: "daemon", template }];
}

function freshnessOf(stale: Draft["stale"]): Record<Part, Freshness> {
  const fresh: Record<Part, Freshness> = {
    nodes: AT_START,
    pods: AT_START,
    budgets: AT_START,
    groups: AT_START,
    prices: AT_START,
    measurements: AT_START,
    interruptions: AT_START,
  };
  for (const { part, agoMs, unread } of stale) {
    fresh[part] = { at: START - agoMs, problem: unread ? "the API server did not answer" : null };
  }
  return fresh;
}

const AT_START: Freshness = { at: START, problem: null };

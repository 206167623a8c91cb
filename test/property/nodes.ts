import {
  ARCH_LABEL,
  DO_NOT_DISRUPT_ANNOTATION,
  DRAINING_TAINT,
  type Drain,
  GPU_MODEL_LABEL,
  type Group,
  HOUR_MS,
  INTERRUPTED_TAINT,
  type Instance,
  type Interruption,
  instanceShape,
  type Labels,
  type LaunchIntent,
  MINUTE_MS,
  type Node,
  type Pool,
  SCALE_DOWN_DISABLED_ANNOTATION,
  SECOND_MS,
} from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { aNode, anInstance, aPoolNode, type NodeBuilder, START } from "../builders/index.ts";
import { mostly, seldom } from "./pools.ts";

/** In which state a machine is found. */
const MACHINE_STATES = [
  "serving",
  "gpus register",
  "one gpu missing",
  "launched, no node yet",
  "launched, not listed yet",
  "never became a node",
  "unhealthy",
  "not ready",
  "terminating",
  "draining",
  "draining, not cordoned yet",
  "tainted as draining, but the state knows nothing",
  "tainted as interrupted, but the state knows nothing",
  "cordoned by a person",
  "cpu node",
  "of no group",
] as const;
type MachineState = (typeof MACHINE_STATES)[number];

export interface MachineDraft {
  readonly state: MachineState;
  readonly pool: number;
  readonly group: number;
  readonly zone: number;
  readonly instanceType: number;
  readonly ageMs: number;
  /** For how long the state has known it to be empty; null where it knows nothing of it. */
  readonly emptyForMs: number | null;
  readonly annotations: Labels;
  readonly interruption: Interruption["kind"] | null;
}

export const machineDraft: fc.Arbitrary<MachineDraft> = fc.record({
  state: fc.oneof(
    { weight: 6, arbitrary: fc.constant<MachineState>("serving") },
    { weight: 8, arbitrary: fc.constantFrom(...MACHINE_STATES) },
  ),
  pool: fc.nat({ max: 5 }),
  group: fc.nat({ max: 1 }),
  zone: fc.nat({ max: 2 }),
  instanceType: fc.nat({ max: 1 }),
  ageMs: fc.constantFrom(2 * HOUR_MS, 30 * SECOND_MS, 3 * MINUTE_MS, 20 * MINUTE_MS),
  emptyForMs: fc.constantFrom(null, 4 * MINUTE_MS, 6 * MINUTE_MS, 20 * MINUTE_MS),
  annotations: mostly<Labels>(
    {},
    { [SCALE_DOWN_DISABLED_ANNOTATION]: "true" },
    { [DO_NOT_DISRUPT_ANNOTATION]: "true" },
    { [DO_NOT_DISRUPT_ANNOTATION]: "3h" },
  ),
  interruption: seldom(12).chain((is) =>
    is
      ? fc.constantFrom("spot-interruption" as const, "rebalance-recommendation" as const)
      : fc.constant(null),
  ),
});

/** What a machine is in Kubernetes, in Auto Scaling and in the state; null where they do not have it. */
export interface MachineParts {
  readonly name: string;
  readonly group: Group | null;
  readonly node: Node | null;
  readonly instance: Instance | null;
  readonly drain: Drain | null;
  readonly intent: LaunchIntent | null;
  readonly emptySince: number | null;
  readonly interruption: Interruption | null;
}

export function machineOf(draft: MachineDraft, index: number, pools: readonly Pool[]): MachineParts {
  const name = `node-${index}`;
  const pool = pools[draft.pool % Math.max(1, pools.length)];
  const group = pool?.groups[draft.group % pool.groups.length] ?? null;
  if (!pool || !group || draft.state === "cpu node" || draft.state === "of no group") {
    return { ...NOTHING, name, node: foreignNode(name, draft, pool) };
  }
  const instanceType = group.instanceTypes[draft.instanceType % group.instanceTypes.length] ?? "";
  const zone = group.zones[draft.zone % group.zones.length] ?? "";
  const launchedAt = START - launchAge(draft);
  const instance = anInstance(`i-${name}`, instanceType, {
    zone,
    launchedAt,
    lifecycle: draft.state === "terminating" ? "terminating" : "in-service",
    healthy: draft.state !== "unhealthy",
  });
  const isListed = draft.state !== "launched, not listed yet";
  const isDrained = draft.state === "draining" || draft.state === "draining, not cordoned yet";
  const since = Math.max(launchedAt, START - 3 * MINUTE_MS);
  const launched = [{ id: instance.id, zone, instanceType }];
  const builder = freshNode(pool, group, { name, zone, instanceType })
    .with({ createdAt: launchedAt + 20 * SECOND_MS, annotations: draft.annotations })
    .instance(instance.id);
  return {
    name,
    group,
    node: WITHOUT_NODE.has(draft.state) ? null : inState(draft.state, builder).build(),
    instance: isListed ? instance : null,
    drain: isDrained ? { instanceId: instance.id, since, reason: "NodeEmpty" } : null,
    intent: isListed
      ? null
      : {
          group: group.name,
          zone,
          count: 1,
          gang: null,
          pods: [],
          createdAt: launchedAt,
          instances: launched,
        },
    emptySince: draft.emptyForMs === null ? null : Math.max(launchedAt, START - draft.emptyForMs),
    interruption: draft.interruption && {
      instanceId: instance.id,
      kind: draft.interruption,
      noticedAt: START - SECOND_MS,
      deadline: START + 119 * SECOND_MS,
    },
  };
}

/** A node of the group as kubelet and device plugin make it. */
export function freshNode(
  pool: Pool,
  group: Group,
  {
    name,
    zone,
    instanceType,
  }: { readonly name: string; readonly zone: string; readonly instanceType: string },
): NodeBuilder {
  return aPoolNode(pool, name, { group: pool.groups.indexOf(group), zone, instanceType }).labelled({
    [ARCH_LABEL]: instanceType.startsWith("g5g") ? "arm64" : "amd64",
    [GPU_MODEL_LABEL]: instanceShape(instanceType)?.gpuModel ?? "",
  });
}

const NOTHING: Omit<MachineParts, "name"> = {
  group: null,
  node: null,
  instance: null,
  drain: null,
  intent: null,
  emptySince: null,
  interruption: null,
};

const WITHOUT_NODE: ReadonlySet<MachineState> = new Set([
  "launched, no node yet",
  "launched, not listed yet",
  "never became a node",
  "unhealthy",
]);

/** How long ago the instance was launched, so that its state can be. */
function launchAge({ state, ageMs }: MachineDraft): number {
  if (state === "launched, no node yet" || state === "gpus register") return Math.min(ageMs, 3 * MINUTE_MS);
  if (state === "launched, not listed yet") return Math.min(ageMs, 4 * MINUTE_MS);
  return state === "never became a node" ? 20 * MINUTE_MS : ageMs;
}

function inState(state: MachineState, builder: NodeBuilder): NodeBuilder {
  const drained = () => builder.cordoned().tainted(DRAINING_TAINT, { value: "true" });
  switch (state) {
    case "gpus register":
      return withGpus(builder, () => 0);
    case "one gpu missing":
      return withGpus(builder, (count) => count - 1);
    case "not ready":
      return builder.notReady().tainted("node.kubernetes.io/not-ready");
    case "terminating":
    case "draining":
    case "tainted as draining, but the state knows nothing":
      return drained();
    case "tainted as interrupted, but the state knows nothing":
      return builder.cordoned().tainted(INTERRUPTED_TAINT, { value: "true" });
    case "cordoned by a person":
      return builder.cordoned();
    default:
      return builder;
  }
}

function withGpus(builder: NodeBuilder, change: (count: number) => number): NodeBuilder {
  const { allocatable } = builder.build();
  const extended = Object.fromEntries(
    Object.entries(allocatable.extended).map(([resource, count]) => [resource, change(count)]),
  );
  return builder.with({ allocatable: { ...allocatable, extended } });
}

function foreignNode(name: string, draft: MachineDraft, pool: Pool | undefined): Node {
  const isGpuNode = draft.state === "of no group" && pool !== undefined;
  return isGpuNode ? aPoolNode(pool, name).labelled({ "test/group": "" }).build() : aNode(name).build();
}

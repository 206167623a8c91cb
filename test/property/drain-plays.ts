import {
  DO_NOT_DISRUPT_ANNOTATION,
  type Labels,
  MINUTE_MS,
  MOVABLE_ANNOTATION,
  type Pod,
  type Policy,
  SAFE_TO_EVICT_ANNOTATION,
} from "@gpu-autoscaler/core";
import type { BudgetOptions, Fault, World } from "@gpu-autoscaler/sandbox";
import * as fc from "fast-check";
import { aPod, aPolicy, aPool, matching, type PodBuilder, ZONES } from "../builders/index.ts";
import { mostly, seldom } from "./pools.ts";

/** A cluster with nodes that are little used, and what happens to it within half an hour. */
export interface DrainPlay {
  readonly quads: readonly MachineDraft[];
  readonly octos: readonly MachineDraft[];
  /** Nodes of four GPUs that a Job keeps whole, so that a tenth of the pool is more than one. */
  readonly full: number;
  readonly budgets: readonly BudgetDraft[];
  readonly happenings: readonly Happening[];
  /** Until when the API server throttles evictions, so that drains last. */
  readonly throttledMinutes: number;
  /** Writes that fail, or whose answer is lost. */
  readonly faults: readonly Fault[];
  readonly underusedAfterMs: number;
  readonly drainTimeoutMs: number;
  readonly disruptionShareMilli: number;
  /** Whether nodes of one GPU can be had, which small pods cost less on. */
  readonly cheaper: boolean;
  readonly seed: number;
}

interface MachineDraft {
  readonly spot: boolean;
  readonly pods: readonly BoundDraft[];
}

/** Pods on nodes. But for the one without GPU each holds one. */
const KINDS = {
  "replica of a": (pod) => replica(pod, "a"),
  "replica of b": (pod) => replica(pod, "b"),
  "replica of c": (pod) => replica(pod, "c"),
  "movable, of a workload of its own": (pod) =>
    pod.ownedBy("Notebook", pod.build().name).annotated({ [MOVABLE_ANNOTATION]: "true" }),
  "of a Job": (pod) => pod.ownedBy("Job", pod.build().name).classed("training"),
  "movable, yet of a Job": (pod) =>
    pod
      .ownedBy("Job", pod.build().name)
      .classed("training")
      .annotated({ [MOVABLE_ANNOTATION]: "true" }),
  "movable, yet of a StatefulSet": (pod) =>
    pod.ownedBy("StatefulSet", "cache").annotated({ [MOVABLE_ANNOTATION]: "true" }),
  "of a gang": (pod) => replica(pod, "a").gang("ring", 2),
  "of a StatefulSet": (pod) => pod.ownedBy("StatefulSet", "store").labelled({ app: "store" }),
  bare: (pod) => pod,
  "replica of a without GPU": (pod) => replica(pod.with({ requests: aPod().cpu(1).build().requests }), "a"),
} satisfies Record<string, (pod: PodBuilder) => PodBuilder>;
type Kind = keyof typeof KINDS;

const REPLICAS = ["replica of a", "replica of b", "replica of c"] as const satisfies readonly Kind[];

interface BoundDraft {
  readonly kind: Kind;
  readonly busyMilli: number;
}

interface BudgetDraft {
  readonly app: "a" | "b";
  readonly maxUnavailable: number | null;
  readonly minAvailable: number;
}

interface Happening {
  /** After so many ticks since the first drain began. */
  readonly ticks: number;
  readonly what: "demand" | "interruption" | "protection" | "a replica goes";
  /** Of whatever the happening takes one of. */
  readonly which: number;
  readonly gpus: number;
}

function replica(pod: PodBuilder, app: string): PodBuilder {
  return pod.ownedBy("ReplicaSet", app).labelled({ app });
}

const bound = (kinds: readonly Kind[]): fc.Arbitrary<BoundDraft> =>
  fc.record({ kind: fc.constantFrom(...kinds), busyMilli: fc.constantFrom(500, 500, 20, 900) });

const replicas = (most: number) => fc.array(bound(REPLICAS), { minLength: 1, maxLength: most });

const machine = (gpus: number): fc.Arbitrary<MachineDraft> =>
  fc.record({
    spot: seldom(30),
    pods: fc.oneof(
      { weight: 3, arbitrary: replicas(1) },
      { weight: 3, arbitrary: replicas(gpus - 1) },
      {
        weight: 2,
        arbitrary: fc.array(bound(Object.keys(KINDS).filter(isKind)), { minLength: 1, maxLength: 3 }),
      },
    ),
  });

function isKind(name: string): name is Kind {
  return name in KINDS;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  ticks: fc.nat({ max: 6 }),
  what: fc.constantFrom(
    "demand",
    "demand",
    "demand",
    "interruption",
    "protection",
    "protection",
    "a replica goes",
  ),
  which: fc.nat({ max: 20 }),
  gpus: fc.constantFrom(3, 3, 2, 7, 8),
});

const fault: fc.Arbitrary<Fault> = fc.record({
  call: fc.constantFrom("cordon", "uncordon", "evict", "terminateInstances"),
  kind: fc.constantFrom("throttled", "internal-error", "answer-lost"),
  fromMs: fc.integer({ min: 1, max: 10 }).map((minutes) => minutes * MINUTE_MS),
  remaining: fc.integer({ min: 1, max: 4 }),
});

export const drainPlay: fc.Arbitrary<DrainPlay> = fc.record({
  quads: fc.array(machine(4), { minLength: 3, maxLength: 8 }),
  octos: fc.array(machine(8), { maxLength: 3 }),
  full: mostly(0, 0, 18),
  budgets: fc.array(
    fc.record({
      app: fc.constantFrom("a", "b"),
      maxUnavailable: fc.constantFrom(1, 2, 0, null),
      minAvailable: fc.integer({ min: 1, max: 6 }),
    }),
    { maxLength: 2 },
  ),
  happenings: fc.array(happening, { maxLength: 6 }),
  throttledMinutes: fc.constantFrom(0, 6, 12),
  faults: fc.array(fault, { maxLength: 3 }),
  underusedAfterMs: fc.constantFrom(MINUTE_MS, 3 * MINUTE_MS),
  drainTimeoutMs: fc.constantFrom(15 * MINUTE_MS, 3 * MINUTE_MS),
  disruptionShareMilli: mostly(100, 300, 500),
  cheaper: seldom(35),
  seed: fc.integer({ min: 1, max: 1_000 }),
});

export const REST_MS = 8 * MINUTE_MS;

export function policyOf(play: DrainPlay): Policy {
  const changes = { underusedAfterMs: play.underusedAfterMs, headroom: false };
  const quad = aPool("quad", ["g6.12xlarge"], { ...changes, capacityTypes: ["on-demand", "spot"] });
  const octo = aPool("octo", ["g6.48xlarge"], { ...changes, capacityTypes: ["on-demand", "spot"] });
  const single = aPool("single", ["g6.xlarge"], { ...changes, capacityTypes: ["on-demand", "spot"] });
  const plain = aPolicy(play.cheaper ? [single, quad, octo] : [quad, octo]);
  const { drainTimeoutMs, disruptionShareMilli } = play;
  return {
    ...plain,
    scaleDown: {
      ...plain.scaleDown,
      // Closed nodes are no place to move to, and few would be drained for lack of use.
      closeAboveMilli: play.cheaper ? plain.scaleDown.closeAboveMilli : Number.POSITIVE_INFINITY,
      drainTimeoutMs,
      drainRestMs: REST_MS,
      disruptionShareMilli,
    },
  };
}

export function budgetsOf({ budgets }: DrainPlay): BudgetOptions[] {
  return budgets.map(({ app, maxUnavailable, minAvailable }, i) => ({
    namespace: "default",
    name: `${app}-${i}`,
    selector: matching({ app }),
    ...(maxUnavailable === null ? { minAvailable } : { maxUnavailable }),
  }));
}

/** Brings the nodes up with their pods. */
export function setUp({ verbs }: World, play: DrainPlay): void {
  let count = 0;
  const zone = () => ZONES[count++ % ZONES.length] ?? "";
  const fill = (pool: string, { spot, pods }: MachineDraft) => {
    const node = verbs.addRunningNode(`${pool}-${spot ? "spot" : "on-demand"}`, zone());
    for (const [i, { kind, busyMilli }] of pods.entries()) {
      const pod = KINDS[kind](aPod(`${node}-${i}`).gpu(1).cpu(1).memoryGi(4))
        .on(node)
        .build();
      verbs.submit(pod, { busyMilli });
    }
  };
  for (const each of play.quads) fill("quad", each);
  for (const each of play.octos) fill("octo", each);
  for (let i = 0; i < play.full; i++) {
    const node = verbs.addRunningNode("quad-on-demand", zone());
    verbs.submit(aPod(`${node}-full`).gpu(4).cpu(1).ownedBy("Job", node).on(node).build());
  }
}

/** What becomes of pods besides what the world knows: annotations that somebody adds to them. By uid. */
export type Protections = Map<string, Labels>;

const PROTECTING: readonly Labels[] = [
  { [SAFE_TO_EVICT_ANNOTATION]: "false" },
  { [DO_NOT_DISRUPT_ANNOTATION]: "true" },
  { [DO_NOT_DISRUPT_ANNOTATION]: "5h" },
];

/** Lets it happen to the world as it is now, with the drains that are in progress. */
export function happen(
  world: World,
  { what, which, gpus }: Happening,
  pods: readonly Pod[],
  leaving: ReadonlySet<string>,
  protections: Protections,
): void {
  const { verbs } = world;
  const nodes = [...new Set(pods.flatMap(({ nodeName }) => nodeName ?? []))];
  const one = <Item>(items: readonly Item[]): Item | undefined => items[which % Math.max(1, items.length)];
  if (what === "demand") {
    // A name of its own: the world has changed since the last one.
    const name = `demand-${world.changes}`;
    const pod = aPod(name).gpu(gpus).cpu(1).memoryGi(4).classed("training").ownedBy("Job", name);
    verbs.submit(pod.build(), { durationMs: 30 * MINUTE_MS });
  }
  if (what === "interruption") {
    const node = one([...leaving, ...nodes]);
    if (node && nodes.includes(node)) verbs.announce(node, "spot-interruption");
  }
  if (what === "protection") {
    const going = pods.filter(({ nodeName }) => nodeName !== null && leaving.has(nodeName));
    const pod = one(going.length > 0 ? going : pods);
    const annotations = one(PROTECTING);
    if (pod && annotations) protections.set(pod.uid, annotations);
  }
  if (what === "a replica goes") {
    const pod = one(
      pods.filter(({ owner, deletedAt }) => owner?.kind === "ReplicaSet" && deletedAt === null),
    );
    if (pod) verbs.deletePod(pod.namespace, pod.name);
  }
}

import {
  ARCH_LABEL,
  asksForGpu,
  DO_NOT_DISRUPT_ANNOTATION,
  GPU,
  GPU_MODEL_LABEL,
  HOSTNAME_LABEL,
  INSTANCE_TYPE_LABEL,
  MINUTE_MS,
  type Node,
  type Pod,
  SAFE_TO_EVICT_ANNOTATION,
  SECOND_MS,
  SHARED_GPU,
  type WorkloadClass,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { aPod, type PodBuilder, START } from "../builders/index.ts";
import { mostly } from "./pools.ts";

/** What else than room a pending pod may require. `app` is the label by which its like are known. */
const CONSTRAINTS = {
  nothing: (pod) => pod,
  "a zone": (pod) => pod.selecting({ [ZONE_LABEL]: "us-east-1b" }),
  "one of two zones": (pod) =>
    pod.requiring({ key: ZONE_LABEL, operator: "In", values: ["us-east-1a", "us-east-1b"] }),
  "a label of some pools": (pod) => pod.selecting({ team: "vision" }),
  "an architecture": (pod) => pod.selecting({ [ARCH_LABEL]: "amd64" }),
  "a GPU model": (pod) => pod.selecting({ [GPU_MODEL_LABEL]: "l4" }),
  "an instance type": (pod) => pod.selecting({ [INSTANCE_TYPE_LABEL]: "g6.xlarge" }),
  "a volume in a zone": (pod) => pod.withVolumeIn("us-east-1a"),
  "a node of its own": (pod, app) => pod.awayFrom({ app }, HOSTNAME_LABEL),
  "a zone of its own": (pod, app) => pod.awayFrom({ app }, ZONE_LABEL),
  "no daemon beside it": (pod) => pod.awayFrom({ app: "daemon" }, HOSTNAME_LABEL, ANY_NAMESPACE),
  "the zone of its like": (pod, app) => pod.near({ app }, ZONE_LABEL),
  "the node of its like": (pod, app) => pod.near({ app }, HOSTNAME_LABEL),
  "spread over nodes": (pod) => pod.spreadOver(HOSTNAME_LABEL),
  "spread over zones": (pod) => pod.spreadOver(ZONE_LABEL),
  "a host port": (pod) => pod.onHostPort(9400),
} satisfies Record<string, (pod: PodBuilder, app: string) => PodBuilder>;
type Constraint = keyof typeof CONSTRAINTS;
const ANY_NAMESPACE = { namespaceSelector: [] };

const constraint = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Constraint>("nothing") },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Constraint>(
      "nothing",
      "a zone",
      "one of two zones",
      "a label of some pools",
      "an architecture",
      "a GPU model",
      "an instance type",
      "a volume in a zone",
      "a node of its own",
      "a zone of its own",
      "no daemon beside it",
      "the zone of its like",
      "the node of its like",
      "spread over nodes",
      "spread over zones",
      "a host port",
    ),
  },
);

export interface AskDraft {
  readonly resource: string;
  readonly amount: number;
  readonly cpu: number;
  readonly workloadClass: WorkloadClass;
  readonly priority: number;
  readonly pendingForMs: number | null;
  readonly constraint: Constraint;
  readonly tolerates: boolean;
}

/** What a pending pod asks for. */
const askDraft: fc.Arbitrary<AskDraft> = fc.record({
  resource: mostly(GPU, SHARED_GPU, "nvidia.com/mig-1g.10gb", "nvidia.com/mig-3g.40gb"),
  amount: fc.constantFrom(1, 1, 1, 1, 2, 2, 4, 8),
  cpu: fc.constantFrom(1, 3, 6),
  workloadClass: fc.constantFrom("training" as const, "batch" as const, "serving" as const),
  priority: fc.constantFrom(0, 0, 10, -5),
  pendingForMs: fc.constantFrom(10 * MINUTE_MS, 10 * MINUTE_MS, 10 * SECOND_MS, null),
  constraint,
  tolerates: mostly(true, false),
});

export interface SingleDraft extends AskDraft {
  readonly count: number;
  readonly app: string;
  readonly displaced: boolean;
  readonly oddity: "none" | "gated" | "resource claims" | "volume problem" | "being deleted" | "nominated";
}

/** Equal pods that wait, each for itself. */
export const singleDraft: fc.Arbitrary<SingleDraft> = fc
  .tuple(
    askDraft,
    fc.record({
      count: fc.integer({ min: 1, max: 4 }),
      app: fc.constantFrom("a", "b"),
      displaced: mostly(false, true),
      oddity: mostly<SingleDraft["oddity"]>(
        "none",
        "none",
        "none",
        "gated",
        "resource claims",
        "volume problem",
        "being deleted",
        "nominated",
      ),
    }),
  )
  .map(([ask, rest]) => ({ ...ask, ...rest }));

export interface GangDraft extends AskDraft {
  readonly size: number;
  /** Pods that do not exist yet. */
  readonly missing: number;
  /** Its last pod asks for this instead, where there is one. */
  readonly leader: AskDraft | null;
  readonly topology: "zone" | "node" | "none";
  /** On which node its first pod is bound already; null for none. */
  readonly boundTo: number | null;
  readonly gated: boolean;
}

export const gangDraft: fc.Arbitrary<GangDraft> = fc
  .tuple(
    askDraft,
    fc.record({
      size: fc.integer({ min: 1, max: 4 }),
      missing: mostly(0, 0, 0, 1),
      leader: fc.option(askDraft, { freq: 2 }),
      topology: mostly<GangDraft["topology"]>("zone", "node", "none"),
      boundTo: mostly<number | null>(null, 0, 1),
      gated: mostly(false, true),
    }),
  )
  .map(([ask, rest]) => ({ ...ask, ...rest }));

/** Pods on nodes. */
const BOUND_KINDS = [
  "gpu pod of a Job",
  "gpu pod of a Deployment",
  "gpu pod that ends",
  "gpu pod that has ended",
  "pod of a Deployment",
  "pod without an owner",
  "pod that is not safe to evict",
  "pod that must not be disrupted for an hour",
  "pod of a DaemonSet",
] as const;
type BoundKind = (typeof BOUND_KINDS)[number];

export interface BoundDraft {
  readonly kind: BoundKind;
  readonly node: number;
  readonly app: string;
}

export const boundDraft: fc.Arbitrary<BoundDraft> = fc.record({
  kind: fc.constantFrom(...BOUND_KINDS),
  node: fc.nat({ max: 11 }),
  app: fc.constantFrom("a", "b"),
});

export function singlesOf(draft: SingleDraft, index: number, nodes: readonly Node[]): Pod[] {
  const name = `single-${index}`;
  const owner = draft.displaced ? `${name}-displaced` : name;
  const pod = asking(draft, draft.app).ownedBy(
    draft.workloadClass === "serving" ? "ReplicaSet" : "Job",
    owner,
  );
  return odd(draft, pod.named(name), nodes).times(draft.count);
}

/** The uids of owners whose pods were displaced lately. */
export function displacedOwners(singles: readonly SingleDraft[]): readonly string[] {
  return singles.flatMap(({ displaced, workloadClass }, index) =>
    displaced ? [`uid-${workloadClass === "serving" ? "ReplicaSet" : "Job"}-single-${index}-displaced`] : [],
  );
}

function odd({ oddity }: SingleDraft, pod: PodBuilder, nodes: readonly Node[]): PodBuilder {
  const [node] = nodes;
  if (oddity === "gated") return pod.gatedBy("test/gate");
  if (oddity === "resource claims") return pod.usingResourceClaims();
  if (oddity === "volume problem") return pod.withVolumeProblem("no claim");
  if (oddity === "being deleted") return pod.deletedAt(START);
  return oddity === "nominated" && node ? pod.nominatedTo(node.name) : pod;
}

export function gangOfDraft(draft: GangDraft, index: number, nodes: readonly Node[]): Pod[] {
  const name = `gang-${index}`;
  const topology = { zone: undefined, node: HOSTNAME_LABEL, none: "none" }[draft.topology];
  const present = Math.max(1, draft.size - draft.missing);
  const node = draft.boundTo === null ? undefined : nodes[draft.boundTo];
  return Array.from({ length: present }, (_, i) => {
    const ask = draft.leader && i === present - 1 ? draft.leader : draft;
    const pod = asking({ ...draft, ...ask }, name)
      .named(`${name}-${i}`)
      .ownedBy("Job", name)
      .gang(name, draft.size, topology);
    if (i === 0 && present > 1 && node) return pod.on(node.name).build();
    return draft.gated ? pod.gatedBy("test/gate").build() : pod.build();
  });
}

function asking(draft: AskDraft, app: string): PodBuilder {
  const pod = aPod()
    .labelled({ app })
    .classed(draft.workloadClass)
    .priority(draft.priority)
    .asking(draft.resource, draft.amount)
    .cpu(draft.cpu)
    .memoryGi(1)
    .createdAt(START - 15 * MINUTE_MS)
    .with({ unschedulableSince: draft.pendingForMs === null ? null : START - draft.pendingForMs });
  const constrained = CONSTRAINTS[draft.constraint](pod, app);
  return draft.tolerates ? constrained.tolerating(GPU) : constrained;
}

/** The pods on nodes: those that the nodes have GPUs for. */
export function boundPods(drafts: readonly BoundDraft[], nodes: readonly Node[]): Pod[] {
  const free = new Map(nodes.map((node) => [node.name, new Map(Object.entries(node.allocatable.extended))]));
  return drafts.flatMap((draft, index) => {
    const node = nodes[draft.node % Math.max(1, nodes.length)];
    const left = node && free.get(node.name);
    if (!left) return [];
    const [resource, count] = [...left].find(([, units]) => units > 0) ?? ["", 0];
    if (draft.kind.startsWith("gpu pod") && count === 0) return [];
    const pod = boundPod(draft, `bound-${index}`, resource).on(node.name).build();
    if (!asksForGpu(pod.requests)) return [pod];
    left.set(resource, count - 1);
    const ended = draft.kind === "gpu pod that has ended" ? { ...pod, phase: "Succeeded" as const } : pod;
    return [ended];
  });
}

function boundPod({ kind, app }: BoundDraft, name: string, resource: string): PodBuilder {
  const pod = aPod(name)
    .labelled({ app })
    .cpu(0.5)
    .tolerating(GPU)
    .createdAt(START - 30 * MINUTE_MS);
  const gpuPod = pod.asking(resource, 1);
  switch (kind) {
    case "gpu pod of a Job":
    case "gpu pod that has ended":
      return gpuPod.ownedBy("Job", name).classed("training");
    case "gpu pod of a Deployment":
      return gpuPod.ownedBy("ReplicaSet", name);
    case "gpu pod that ends":
      return gpuPod.ownedBy("Job", name).deletedAt(START);
    case "pod of a Deployment":
      return pod.ownedBy("ReplicaSet", name);
    case "pod without an owner":
      return pod;
    case "pod that is not safe to evict":
      return pod.ownedBy("ReplicaSet", name).annotated({ [SAFE_TO_EVICT_ANNOTATION]: "false" });
    case "pod that must not be disrupted for an hour":
      return pod.ownedBy("ReplicaSet", name).annotated({ [DO_NOT_DISRUPT_ANNOTATION]: "1h" });
    case "pod of a DaemonSet":
      return pod.ownedBy("DaemonSet", "daemon");
  }
}

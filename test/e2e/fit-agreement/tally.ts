import type { RawClusterObjects } from "@gpu-autoscaler/adapters";
import type { Answer } from "./attempts.ts";
import type { OurAnswer } from "./our-answers.ts";

/** Of one predicate. A case is a pod in a world, a verdict is about one node of it. */
export interface Tally {
  cases: number;
  /** The same nodes are feasible to both. */
  agreed: number;
  /** The sandbox binds the pod to one of the nodes that are feasible to kube-scheduler, or there are none. */
  sandboxAgreed: number;
  /** Some node is feasible to kube-scheduler. */
  fitSomewhere: number;
  verdicts: number;
  verdictsAgreed: number;
  /** The node is feasible to kube-scheduler. */
  verdictsFit: number;
}

export function tallyOf(): Tally {
  return {
    cases: 0,
    agreed: 0,
    sandboxAgreed: 0,
    fitSomewhere: 0,
    verdicts: 0,
    verdictsAgreed: 0,
    verdictsFit: 0,
  };
}

interface Comparison {
  readonly nodes: readonly string[];
  /** Feasible to one and not to the other. */
  readonly differing: readonly string[];
  readonly feasible: number;
  readonly sandboxAgrees: boolean;
}

export function compare(objects: RawClusterObjects, theirs: Answer, ours: OurAnswer): Comparison {
  const nodes = objects.nodes.map(nameOf);
  const { sandboxNode } = ours;
  return {
    nodes,
    differing: nodes.filter((node) => theirs.feasible.has(node) !== ours.feasible.has(node)),
    feasible: theirs.feasible.size,
    sandboxAgrees: sandboxNode === null ? theirs.feasible.size === 0 : theirs.feasible.has(sandboxNode),
  };
}

export function agrees({ differing, sandboxAgrees }: Comparison): boolean {
  return differing.length === 0 && sandboxAgrees;
}

export function count(tally: Tally, { nodes, differing, feasible, sandboxAgrees }: Comparison): void {
  tally.cases += 1;
  tally.agreed += differing.length === 0 ? 1 : 0;
  tally.sandboxAgreed += sandboxAgrees ? 1 : 0;
  tally.fitSomewhere += feasible > 0 ? 1 : 0;
  tally.verdicts += nodes.length;
  tally.verdictsAgreed += nodes.length - differing.length;
  tally.verdictsFit += feasible;
}

/** Both answers, and what was asked, about the first node on which they differ. */
export function describe(
  predicate: string,
  pod: string,
  objects: RawClusterObjects,
  theirs: Answer,
  ours: OurAnswer,
  { nodes, differing }: Comparison,
): string {
  const node = differing[0] ?? ours.sandboxNode ?? nodes[0] ?? "";
  const inWords = (feasible: boolean) => (feasible ? "feasible" : "not feasible");
  return [
    `${predicate}: pod ${pod}, ${differing.length} of ${nodes.length} nodes differ, the sandbox binds it to ${ours.sandboxNode}`,
    `  node ${node}: ${inWords(theirs.feasible.has(node))} to kube-scheduler, ` +
      `${inWords(ours.feasible.has(node))} to fit ${ours.misfits.get(node) ?? ""}`,
    `  kube-scheduler about all nodes: ${theirs.message}`,
    `  the pod: ${JSON.stringify(readable(objects.pods, pod))}`,
    `  the node: ${JSON.stringify(readable(objects.nodes, node))}`,
    `  pods there: ${JSON.stringify(podsOn(objects, node))}`,
  ].join("\n");
}

function nameOf(object: unknown): string {
  const { metadata } = Object(object);
  return String(metadata?.name);
}

function podsOn({ pods }: RawClusterObjects, node: string): unknown[] {
  return pods.filter((pod) => Object(pod).spec.nodeName === node).map((pod) => readable([pod], nameOf(pod)));
}

/** Without what the API server adds for itself. */
function readable(objects: readonly unknown[], name: string): unknown {
  const { metadata, spec, status } = Object(objects.find((each) => nameOf(each) === name));
  const { labels, namespace, deletionTimestamp } = Object(metadata);
  return {
    labels,
    namespace,
    deletionTimestamp,
    spec,
    allocatable: status?.allocatable,
    phase: status?.phase,
  };
}

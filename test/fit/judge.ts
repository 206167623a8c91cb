import type { Node } from "../../packages/core/src/model/node.ts";
import type {
  HostPort,
  LabelSelector,
  Labels,
  NodeSelector,
  Pod,
  PodAffinityTerm,
  PodSpec,
  Requirement,
  Taint,
  Toleration,
  TopologySpreadConstraint,
} from "../../packages/core/src/model/pod.ts";
import type { ReasonCode } from "../../packages/core/src/model/reason.ts";

/**
 * Whether a pod fits a node, judged from scratch each time, as slowly and plainly as the
 * Kubernetes documentation words it ("Assigning Pods to Nodes", "Taints and Tolerations", "Pod
 * Topology Spread Constraints", the API reference). It shares no code with the program, so that
 * the two can be held against each other.
 */

export type JudgedNode = Pick<Node, "name" | "labels" | "taints" | "unschedulable" | "allocatable">;

/** A pod, and the node that it is on. */
export type JudgedPod = PodSpec & Pick<Pod, "nodeName"> & { readonly deletedAt?: number | null };

interface World {
  readonly nodes: readonly JudgedNode[];
  readonly placed: readonly JudgedPod[];
  readonly namespaces: Readonly<Record<string, Labels>>;
}

/** Why the pod does not fit: the codes of every predicate that fails; empty when it fits. */
export function judge(
  pod: PodSpec,
  nodeName: string,
  nodes: readonly JudgedNode[],
  placed: readonly JudgedPod[],
  namespaces: Readonly<Record<string, Labels>>,
): ReasonCode[] {
  const node = nodes.find((candidate) => candidate.name === nodeName);
  if (!node) throw new Error(`there is no node ${nodeName}`);
  const world = { nodes, placed, namespaces };
  const here = placed.filter((other) => other.nodeName === nodeName);
  const verdicts: [ReasonCode, boolean][] = [
    ...resources(pod, node, here),
    ["UntoleratedTaint", toleratesTaints(pod, node)],
    ["NodeUnschedulable", !node.unschedulable || tolerated(pod, CORDON)],
    ["NodeSelectorMismatch", nodeSelectorHolds(pod, node)],
    ["NodeAffinityMismatch", pod.nodeAffinity === null || nodeMatches(pod.nodeAffinity, node)],
    ["PodAffinityMismatch", affinityHolds(pod, node, world)],
    ["PodAntiAffinityConflict", !placed.some((other) => repels(pod, other, other, node, world))],
    ["ExistingPodAntiAffinityConflict", !placed.some((other) => repels(other, pod, other, node, world))],
    ["TopologySpreadConstraint", pod.topologySpread.every((wish) => spreadHolds(wish, pod, node, world))],
    ["HostPortConflict", !here.some((other) => portsClash(pod, other))],
    ["VolumeZoneConflict", pod.volumeTopologies.every((topology) => nodeMatches(topology, node))],
  ];
  return verdicts.filter(([, holds]) => !holds).map(([code]) => code);
}

function resources(pod: PodSpec, node: JudgedNode, here: readonly JudgedPod[]): [ReasonCode, boolean][] {
  const enough = (amount: (of: PodSpec["requests"]) => number): boolean => {
    const taken = here.reduce((sum, other) => sum + amount(other.requests), 0);
    return amount(pod.requests) === 0 || amount(pod.requests) + taken <= amount(node.allocatable);
  };
  return [
    ["InsufficientCpu", enough((of) => of.cpuMilli)],
    ["InsufficientMemory", enough((of) => of.memoryBytes)],
    ["InsufficientEphemeralStorage", enough((of) => of.ephemeralStorageBytes)],
    ["TooManyPods", enough((of) => of.pods)],
    [
      "InsufficientExtendedResource",
      Object.keys(pod.requests.extended).every((name) => enough((of) => of.extended[name] ?? 0)),
    ],
  ];
}

const CORDON: Taint = { key: "node.kubernetes.io/unschedulable", value: "", effect: "NoSchedule" };

function toleratesTaints(pod: PodSpec, node: JudgedNode): boolean {
  const binding = node.taints.filter(({ effect }) => effect === "NoSchedule" || effect === "NoExecute");
  return binding.every((taint) => tolerated(pod, taint));
}

function tolerated(pod: PodSpec, taint: Taint): boolean {
  return pod.tolerations.some((toleration: Toleration) => {
    if (toleration.key !== "" && toleration.key !== taint.key) return false;
    if (toleration.effect !== "" && toleration.effect !== taint.effect) return false;
    return toleration.operator === "Exists" ? true : toleration.value === taint.value;
  });
}

function nodeSelectorHolds(pod: PodSpec, node: JudgedNode): boolean {
  return Object.entries(pod.nodeSelector).every(([key, value]) => node.labels[key] === value);
}

function nodeMatches(selector: NodeSelector, node: JudgedNode): boolean {
  return selector.some(
    ({ matchExpressions, matchFields }) =>
      matchExpressions.length + matchFields.length > 0 &&
      matchExpressions.every((requirement) => holds(requirement, node.labels)) &&
      matchFields.every((requirement) => holds(requirement, { "metadata.name": node.name })),
  );
}

function holds(requirement: Requirement, labels: Labels): boolean {
  const { key, operator, values } = requirement;
  const value = labels[key];
  if (operator === "Exists") return value !== undefined;
  if (operator === "DoesNotExist") return value === undefined;
  if (operator === "NotIn") return value === undefined || !values.includes(value);
  if (value === undefined) return false;
  if (operator === "In") return values.includes(value);
  const [number, bound] = [Number.parseInt(value, 10), Number.parseInt(values[0] ?? "", 10)];
  if (String(number) !== value) return false;
  return operator === "Gt" ? number > bound : number < bound;
}

function selected(selector: LabelSelector | null, labels: Labels): boolean {
  return selector?.every((requirement) => holds(requirement, labels)) ?? false;
}

/** Whether a term of `owner` is about `other`. */
function isAbout(term: PodAffinityTerm, owner: PodSpec, other: PodSpec, { namespaces }: World): boolean {
  const unscoped = term.namespaces.length === 0 && term.namespaceSelector === null;
  const inScope = unscoped
    ? other.namespace === owner.namespace
    : term.namespaces.includes(other.namespace) ||
      selected(term.namespaceSelector, namespaces[other.namespace] ?? {});
  return inScope && selected(term.selector, other.labels);
}

/** Whether `other` is on a node with the same value of the label as this node. */
function sharesDomain(topologyKey: string, node: JudgedNode, other: JudgedPod, { nodes }: World): boolean {
  const value = node.labels[topologyKey];
  const itsNode = nodes.find((candidate) => candidate.name === other.nodeName);
  return value !== undefined && itsNode?.labels[topologyKey] === value;
}

/** Whether `owner` is required to stay away from `other`, when one is on this node and the other where `placed` is. */
function repels(owner: PodSpec, other: PodSpec, placed: JudgedPod, node: JudgedNode, world: World): boolean {
  return owner.podAntiAffinity.some(
    (term) => isAbout(term, owner, other, world) && sharesDomain(term.topologyKey, node, placed, world),
  );
}

function affinityHolds(pod: PodSpec, node: JudgedNode, world: World): boolean {
  const terms = pod.podAffinity;
  if (terms.some((term) => node.labels[term.topologyKey] === undefined)) return false;
  const matching = world.placed.filter((other) => terms.every((term) => isAbout(term, pod, other, world)));
  const met = terms.every((term) =>
    matching.some((other) => sharesDomain(term.topologyKey, node, other, world)),
  );
  if (met) return true;
  // The first of a series: nobody whom it could join is in any such domain, and it would be one whom it could join.
  const anywhere = matching.some((other) => {
    const itsNode = world.nodes.find((candidate) => candidate.name === other.nodeName);
    return terms.some((term) => itsNode?.labels[term.topologyKey] !== undefined);
  });
  return !anywhere && terms.every((term) => isAbout(term, pod, pod, world));
}

function spreadHolds(wish: TopologySpreadConstraint, pod: PodSpec, node: JudgedNode, world: World): boolean {
  const domain = node.labels[wish.topologyKey];
  if (domain === undefined) return false;
  const own = wish.matchLabelKeys.filter((key) => pod.labels[key] !== undefined);
  const counts = (other: PodSpec) =>
    selected(wish.selector, other.labels) && own.every((key) => other.labels[key] === pod.labels[key]);
  // What kube-scheduler does, not what is documented: an empty selector counts no pod that is there.
  const selectsByNothing = wish.selector?.length === 0 && own.length === 0;

  const eligible = world.nodes.filter(
    (candidate) =>
      pod.topologySpread.every(({ topologyKey }) => candidate.labels[topologyKey] !== undefined) &&
      (wish.nodeAffinityPolicy === "Ignore" ||
        (nodeSelectorHolds(pod, candidate) &&
          (pod.nodeAffinity === null || nodeMatches(pod.nodeAffinity, candidate)))) &&
      (wish.nodeTaintsPolicy === "Ignore" || toleratesTaints(pod, candidate)),
  );
  const podsIn = (value: string | undefined): number => {
    const names = eligible.filter(({ labels }) => labels[wish.topologyKey] === value).map(({ name }) => name);
    const there = world.placed.filter((other) => other.nodeName !== null && names.includes(other.nodeName));
    const live = there.filter(
      (other) => other.namespace === pod.namespace && (other.deletedAt ?? null) === null,
    );
    return selectsByNothing ? 0 : live.filter(counts).length;
  };
  const domains = [...new Set(eligible.map(({ labels }) => labels[wish.topologyKey]))];
  const least = domains.length < wish.minDomains ? 0 : Math.min(...domains.map(podsIn));
  return podsIn(domain) + (counts(pod) ? 1 : 0) - least <= wish.maxSkew;
}

function portsClash(pod: PodSpec, other: PodSpec): boolean {
  const everywhere = ({ hostIp }: HostPort) => hostIp === "0.0.0.0" || hostIp === "";
  return pod.hostPorts.some((a) =>
    other.hostPorts.some(
      (b) =>
        a.port === b.port &&
        a.protocol === b.protocol &&
        (everywhere(a) || everywhere(b) || a.hostIp === b.hostIp),
    ),
  );
}

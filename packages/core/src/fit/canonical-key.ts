import type {
  HostPort,
  LabelSelector,
  NodeSelector,
  PodAffinityTerm,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from "../model/pod.ts";
import type { Resources } from "../model/resources.ts";
import { isAlone } from "./alone.ts";

/**
 * Strings that are equal exactly where the values are equal, and fast to make. Each element of a
 * list is ended, at its depth, by a control character, which Kubernetes allows in none of these
 * fields; so no two values run into each other.
 */
const VALUE = "\u0001";
const ELEMENT = "\u0002";
const FIELD = "\u0003";
const ITEM = "\u0004";
const SECTION = "\u0005";
/** What no list can be mistaken for. */
const NULL = "\u0006";

/**
 * Equal for pods that are equivalent for scheduling, whatever the order of their labels, node
 * selectors and resources; a resource asked for 0 times is as good as not asked for.
 *
 * `labelKeys` leaves out the labels that no selector looks at (`labelKeysLookedAt`), such as the
 * completion index of a Job's pod, so that its pods are one kind and not as many as they are.
 */
export function equivalenceKey(spec: PodSpec, labelKeys?: ReadonlySet<string>): string {
  const key =
    spec.namespace +
    SECTION +
    spec.priority +
    SECTION +
    mapKey(spec.labels, labelKeys) +
    SECTION +
    resourcesKey(spec.requests) +
    SECTION +
    nodeRequirementsKey(spec) +
    SECTION +
    tolerationsKey(spec.tolerations);
  return isAlone(spec) && spec.volumeTopologies.length === 0 ? key : key + SECTION + surroundingsKey(spec);
}

/** What the pod demands of the labels and name of a node, volumes aside. */
export function nodeRequirementsKey(spec: Pick<PodSpec, "nodeSelector" | "nodeAffinity">): string {
  const affinity = spec.nodeAffinity === null ? NULL : nodeSelectorKey(spec.nodeAffinity);
  return mapKey(spec.nodeSelector) + ITEM + affinity;
}

export function tolerationsKey(tolerations: readonly Toleration[]): string {
  let key = "";
  for (const { key: name, operator, value, effect } of tolerations) {
    key += name + VALUE + operator + VALUE + value + VALUE + effect + ELEMENT;
  }
  return key;
}

export function volumesKey(topologies: readonly NodeSelector[]): string {
  let key = "";
  for (const topology of topologies) key += nodeSelectorKey(topology) + SECTION;
  return key;
}

/** Of a term as it stands in the pods of one namespace. */
export function affinityTermKey(term: PodAffinityTerm, namespace: string): string {
  const own = term.namespaces.length === 0 && term.namespaceSelector === null;
  return (
    term.topologyKey +
    FIELD +
    (own ? namespace + VALUE : valuesKey(term.namespaces)) +
    FIELD +
    selectorKey(term.namespaceSelector) +
    FIELD +
    selectorKey(term.selector)
  );
}

/** null selects nothing, an empty selector everything. */
export function selectorKey(selector: LabelSelector | null): string {
  if (selector === null) return NULL;
  let key = "";
  for (const { key: name, operator, values } of selector) {
    key += name + VALUE + operator + VALUE + valuesKey(values) + ELEMENT;
  }
  return key;
}

function nodeSelectorKey(selector: NodeSelector): string {
  let key = "";
  for (const term of selector) {
    key += selectorKey(term.matchExpressions) + FIELD + selectorKey(term.matchFields) + ITEM;
  }
  return key;
}

function surroundingsKey(spec: PodSpec): string {
  let key = "";
  for (const term of spec.podAffinity) key += affinityTermKey(term, spec.namespace) + ITEM;
  key += SECTION;
  for (const term of spec.podAntiAffinity) key += affinityTermKey(term, spec.namespace) + ITEM;
  key += SECTION;
  for (const constraint of spec.topologySpread) key += constraintKey(constraint) + ITEM;
  key += SECTION;
  for (const port of spec.hostPorts) key += hostPortKey(port) + ITEM;
  return key + SECTION + volumesKey(spec.volumeTopologies);
}

function constraintKey(constraint: TopologySpreadConstraint): string {
  const { topologyKey, maxSkew, minDomains, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
  const rules = [topologyKey, maxSkew, minDomains, nodeAffinityPolicy, nodeTaintsPolicy].join(VALUE);
  return rules + FIELD + valuesKey(constraint.matchLabelKeys) + FIELD + selectorKey(constraint.selector);
}

function hostPortKey(port: HostPort): string {
  return port.hostIp + VALUE + port.protocol + VALUE + port.port;
}

function resourcesKey(requests: Resources): string {
  const { cpuMilli, memoryBytes, ephemeralStorageBytes, pods, extended } = requests;
  return `${cpuMilli},${memoryBytes},${ephemeralStorageBytes},${pods}${VALUE}${mapKey(extended)}`;
}

/** Zeros, which occur in resources, are left out. */
function mapKey(map: Readonly<Record<string, string | number>>, only?: ReadonlySet<string>): string {
  let key = "";
  let previous = "";
  for (const name in map) {
    // Kubernetes writes maps in order, so that they need not be sorted as a rule.
    if (name < previous) return unorderedMapKey(map, only);
    previous = name;
    const value = map[name];
    if (value !== 0 && (only === undefined || only.has(name))) key += name + VALUE + value + ELEMENT;
  }
  return key;
}

function unorderedMapKey(map: Readonly<Record<string, string | number>>, only?: ReadonlySet<string>): string {
  let key = "";
  for (const name of Object.keys(map).sort()) {
    const value = map[name];
    if (value !== 0 && (only === undefined || only.has(name))) key += name + VALUE + value + ELEMENT;
  }
  return key;
}

function valuesKey(values: readonly string[]): string {
  let key = "";
  for (const value of values) key += value + VALUE;
  return key;
}

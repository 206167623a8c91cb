import { type NodeSelector, quantityToUnits, selectorMatches } from "@gpu-autoscaler/core";
import { NONE } from "./empty.ts";
import type { RawClaim, RawPersistentVolume, RawStorageClass } from "./schemas.ts";
import { labelSelectorOf, nodeSelectorOf } from "./selectors.ts";

/** A claim whose class waits for the first pod (WaitForFirstConsumer), and what it can be bound to. */
export interface UnboundClaim {
  readonly name: string;
  readonly className: string;
  readonly options: readonly Option[];
}

interface Option {
  /** The name of a volume that exists; null for one that is to be made. */
  readonly volume: string | null;
  /** From where it is reached; null: from anywhere. */
  readonly reach: NodeSelector | null;
}

/**
 * As `FindMatchingVolume` of k8s.io/component-helpers/storage/volume and the plugin VolumeBinding:
 * the volume that is set aside for the claim, else any that is available, large enough and of the
 * claim's kind; else one that the class's provisioner makes where the class allows.
 */
export function optionsOf(
  claim: RawClaim,
  storageClass: RawStorageClass,
  volumes: Iterable<RawPersistentVolume>,
): readonly Option[] {
  const className = storageClass.metadata.name;
  const suitable = [...volumes].filter((volume) => isSuitable(claim, className, volume));
  const setAside = suitable.find(({ spec }) => spec.claimRef);
  const usable = setAside ? [setAside] : suitable.filter((volume) => isAvailable(claim, volume));
  const options = usable.map(
    ({ metadata, spec }): Option => ({
      volume: metadata.name,
      reach: nodeSelectorOf(spec.nodeAffinity?.required),
    }),
  );
  const { provisioner } = storageClass;
  const isMade = provisioner && provisioner !== "kubernetes.io/no-provisioner";
  return isMade ? [...options, { volume: null, reach: allowedTopologies(storageClass) }] : options;
}

/** Of the claim's class and kind, and no other's. */
function isSuitable(
  { metadata: { uid, name, namespace }, spec: wanted }: RawClaim,
  className: string,
  { metadata, spec }: RawPersistentVolume,
): boolean {
  const { claimRef } = spec;
  const isAnothers =
    claimRef &&
    (claimRef.name !== name ||
      (claimRef.namespace || "default") !== (namespace || "default") ||
      (claimRef.uid && claimRef.uid !== uid));
  return (
    !isAnothers &&
    (spec.storageClassName || "") === className &&
    !metadata.deletionTimestamp &&
    bytes(spec.capacity?.storage) >= bytes(wanted.resources?.requests?.storage) &&
    (spec.volumeMode || "Filesystem") === (wanted.volumeMode || "Filesystem") &&
    (spec.volumeAttributesClassName || "") === (wanted.volumeAttributesClassName || "")
  );
}

function isAvailable({ spec: wanted }: RawClaim, { metadata, spec, status }: RawPersistentVolume): boolean {
  const modes: readonly string[] = spec.accessModes ?? NONE;
  return (
    (status?.phase || "Available") === "Available" &&
    (wanted.accessModes ?? NONE).every((mode) => modes.includes(mode)) &&
    selectorMatches(labelSelectorOf(wanted.selector) ?? NONE, metadata.labels ?? {})
  );
}

function bytes(quantity: string | number | undefined): number {
  return quantityToUnits(String(quantity ?? 0));
}

/** null: everywhere. */
function allowedTopologies({ allowedTopologies: terms }: RawStorageClass): NodeSelector | null {
  if (!terms || terms.length === 0) return null;
  return terms.map(({ matchLabelExpressions }) => ({
    matchExpressions: (matchLabelExpressions ?? NONE).map(({ key, values }) => ({
      key,
      operator: "In",
      values: values ?? NONE,
    })),
    matchFields: NONE,
  }));
}

interface Reach {
  readonly topologies: readonly NodeSelector[];
  readonly problem: string | null;
}

/** From where a pod reaches something for each of its claims. */
export function reachOfUnbound(claims: readonly UnboundClaim[]): Reach {
  const topologies: NodeSelector[] = [];
  const problems: string[] = [];
  for (const rivals of claimsByClass(claims)) {
    const reach = reachOfAll(rivals.map(({ options }) => options));
    if (reach?.length === 0) {
      const [{ name, className } = { name: "", className: "" }] = rivals;
      problems.push(`no volume of class ${className} is left for claim ${name}`);
    } else if (reach !== null) {
      topologies.push(reach);
    }
  }
  return { topologies, problem: problems.length === 0 ? null : problems.join("; ") };
}

/** Claims of different classes never want the same volume. */
function claimsByClass(claims: readonly UnboundClaim[]): readonly (readonly UnboundClaim[])[] {
  if (claims.length < 2) return claims.map((claim) => [claim]);
  const count = claims.reduce((product, { options }) => product * Math.max(options.length, 1), 1);
  if (count > MOST_COMBINATIONS) return claims.map((claim) => [claim]);
  return [...Map.groupBy(claims, ({ className }) => className).values()];
}

/** Beyond it, two claims of a pod may be counted on the same volume. */
const MOST_COMBINATIONS = 1_000;

/** Where each claim has a volume of its own; null: anywhere; empty: nowhere. */
function reachOfAll(
  claims: readonly (readonly Option[])[],
  taken: ReadonlySet<string> = new Set(),
): NodeSelector | null {
  const [first, ...others] = claims;
  if (first === undefined) return null;
  const terms: NodeSelector[number][] = [];
  for (const { volume, reach } of first) {
    if (volume !== null && taken.has(volume)) continue;
    const both = inBoth(reach, reachOfAll(others, volume === null ? taken : new Set([...taken, volume])));
    if (both === null) return null;
    terms.push(...both);
  }
  return terms;
}

function inBoth(one: NodeSelector | null, other: NodeSelector | null): NodeSelector | null {
  if (one === null || other === null) return one ?? other;
  return one.filter(isSatisfiable).flatMap((a) =>
    other.filter(isSatisfiable).map((b) => ({
      matchExpressions: [...a.matchExpressions, ...b.matchExpressions],
      matchFields: [...a.matchFields, ...b.matchFields],
    })),
  );
}

/** A term without any requirement matches no node. */
function isSatisfiable({ matchExpressions, matchFields }: NodeSelector[number]): boolean {
  return matchExpressions.length + matchFields.length > 0;
}

import type { NodeSelector } from "@gpu-autoscaler/core";
import { NONE } from "./empty.ts";
import { readObject } from "./read-object.ts";
import {
  claimSchema,
  persistentVolumeSchema,
  type RawClaim,
  type RawPersistentVolume,
  type RawStorageClass,
  type RawVolume,
  storageClassSchema,
} from "./schemas.ts";
import { nodeSelectorOf } from "./selectors.ts";
import { optionsOf, reachOfUnbound, type UnboundClaim } from "./unbound-claims.ts";
import { zoneLabelTopologies } from "./volume-zones.ts";

/** What is known of the claims of a cluster. */
export interface Volumes {
  /** What a pod's volumes demand of its node, and what keeps it from having them, or null. */
  of(namespace: string, pod: string, volumes: readonly RawVolume[] | null | undefined): VolumeDemands;
}

interface VolumeDemands {
  readonly topologies: readonly NodeSelector[];
  readonly problem: string | null;
}

/** What one claim demands. */
interface ClaimDemands extends VolumeDemands {
  /** Of a claim that nothing is bound to yet: by what it can be. */
  readonly unbound: UnboundClaim | null;
}

const NO_DEMANDS: VolumeDemands = Object.freeze({ topologies: NONE, problem: null });

/** Nothing is known of claims, and nothing demanded. */
export const NO_VOLUMES: Volumes = { of: () => NO_DEMANDS };

/** Raw v1 PersistentVolumeClaims and PersistentVolumes, storage.k8s.io/v1 StorageClasses: all that there are. */
export interface VolumeObjects {
  readonly claims: readonly unknown[];
  readonly persistentVolumes: readonly unknown[];
  readonly storageClasses: readonly unknown[];
}

/** As the plugins VolumeBinding and VolumeZone of kube-scheduler see them. */
export function volumesFrom(objects: VolumeObjects): Volumes {
  const known: KnownVolumes = {
    persistentVolumes: new Map(
      objects.persistentVolumes
        .map((raw) => readObject("PersistentVolume", persistentVolumeSchema, raw))
        .map((volume) => [volume.metadata.name, volume]),
    ),
    storageClasses: new Map(
      objects.storageClasses
        .map((raw) => readObject("StorageClass", storageClassSchema, raw))
        .map((storageClass) => [storageClass.metadata.name, storageClass]),
    ),
  };
  const claims = new Map<string, ClaimDemands>();
  for (const raw of objects.claims) {
    const claim = readObject("PersistentVolumeClaim", claimSchema, raw);
    claims.set(`${claim.metadata.namespace || "default"}/${claim.metadata.name}`, demandsOf(claim, known));
  }
  return {
    of(namespace, pod, volumes) {
      const names = new Set((volumes ?? NONE).flatMap((volume) => claimName(pod, volume) ?? NONE));
      if (names.size === 0) return NO_DEMANDS;
      return together(
        [...names].map(
          (name) => claims.get(`${namespace}/${name}`) ?? missing(`claim ${name} does not exist`),
        ),
      );
    },
  };
}

interface KnownVolumes {
  readonly persistentVolumes: ReadonlyMap<string, RawPersistentVolume>;
  readonly storageClasses: ReadonlyMap<string, RawStorageClass>;
}

/** A generic ephemeral volume has a claim of its own, named after pod and volume. */
function claimName(pod: string, { name, persistentVolumeClaim, ephemeral }: RawVolume): string | null {
  if (persistentVolumeClaim) return persistentVolumeClaim.claimName;
  return ephemeral ? `${pod}-${name}` : null;
}

function together(demands: readonly ClaimDemands[]): VolumeDemands {
  const unbound = reachOfUnbound(demands.flatMap((demand) => demand.unbound ?? NONE));
  const problems = [...demands, unbound].flatMap(({ problem }) => problem ?? NONE);
  return {
    topologies: [...demands, unbound].flatMap(({ topologies }) => topologies),
    problem: problems.length === 0 ? null : problems.join("; "),
  };
}

function missing(problem: string): ClaimDemands {
  return { topologies: NONE, problem, unbound: null };
}

function demandsOf(claim: RawClaim, known: KnownVolumes): ClaimDemands {
  const { metadata, spec, status } = claim;
  if (metadata.deletionTimestamp) return missing(`claim ${metadata.name} is being deleted`);
  if (status?.phase === "Lost") return missing(`claim ${metadata.name} has lost its volume`);
  const isBound = status?.phase === "Bound" || metadata.annotations?.[BOUND] !== undefined;
  return isBound && spec.volumeName
    ? boundDemands(claim, spec.volumeName, known)
    : unboundDemands(claim, known);
}

const BOUND = "pv.kubernetes.io/bind-completed";
const CLASS = "volume.beta.kubernetes.io/storage-class";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";

function boundDemands(
  { metadata }: RawClaim,
  name: string,
  { persistentVolumes }: KnownVolumes,
): ClaimDemands {
  const volume = persistentVolumes.get(name);
  if (!volume) return missing(`volume ${name} of claim ${metadata.name} does not exist`);
  const affinity = nodeSelectorOf(volume.spec.nodeAffinity?.required);
  const zones = zoneLabelTopologies(volume.metadata.labels ?? {});
  return { topologies: affinity === null ? zones : [affinity, ...zones], problem: null, unbound: null };
}

/** A claim that nothing is bound to may only wait for its pod to be scheduled. */
function unboundDemands(claim: RawClaim, known: KnownVolumes): ClaimDemands {
  const { metadata, spec } = claim;
  const className = metadata.annotations?.[CLASS] ?? spec.storageClassName ?? "";
  const storageClass = known.storageClasses.get(className);
  if (storageClass?.volumeBindingMode !== "WaitForFirstConsumer" || spec.volumeName) {
    return missing(`claim ${metadata.name} is not bound`);
  }
  const selected = metadata.annotations?.[SELECTED_NODE];
  // A volume is being made there already: those that exist are not looked at.
  const volumes = selected === undefined ? known.persistentVolumes.values() : NONE;
  return {
    topologies: selected === undefined ? NONE : [nodeNamed(selected)],
    problem: null,
    unbound: { name: metadata.name, className, options: optionsOf(claim, storageClass, volumes) },
  };
}

function nodeNamed(name: string): NodeSelector {
  return [
    { matchExpressions: NONE, matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] },
  ];
}

import {
  asksForGpu,
  type CompiledPod,
  compilePod,
  equivalenceKey,
  isInterruptible,
  isMovableKind,
  type NodeSelector,
  type Pod,
  type Policy,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";

/** Pods that are one to the simulation, whoever controls them. */
export interface PodKind {
  readonly compiled: CompiledPod;
  readonly gpu: boolean;
  /**
   * Its user lets Spot hold it. The others do not tolerate the taint that Spot nodes bear (EKS Best
   * Practices, Cluster Autoscaler, "Spot Instances").
   */
  readonly mayBeSpot: boolean;
  /** Where it fits depends on which pods are where, not on the node alone. */
  readonly looksAtOthers: boolean;
  /** It may fit in one zone and not in another. */
  readonly looksAtZones: boolean;
}

export interface PodKinds {
  of(pod: Pod, policy: Policy): PodKind;
  /** The next pods of these pods' controllers do not go to Spot nodes, where pods start over. */
  takeOffSpot(pods: readonly Pod[]): void;
}

/** Kinds of pods, each made once. */
export function createPodKinds(): PodKinds {
  let byPod = new WeakMap<Pod, PodKind>();
  const byKey = new Map<string, PodKind>();
  const offSpot = new Set<string>();
  const isOff = ({ owner }: Pod) => owner !== null && offSpot.has(owner.uid);
  return {
    of(pod, { spot }) {
      const known = byPod.get(pod);
      if (known) return known;
      const mayBeSpot = !isOff(pod) && isInterruptible(pod, spot.interruptibleClasses);
      const key = `${mayBeSpot} ${equivalenceKey(pod)}`;
      let kind = byKey.get(key);
      if (!kind) {
        kind = kindOf(pod, mayBeSpot);
        byKey.set(key, kind);
      }
      byPod.set(pod, kind);
      return kind;
    },
    takeOffSpot(pods) {
      const before = offSpot.size;
      for (const pod of pods) if (pod.owner && !isMovableKind(pod)) offSpot.add(pod.owner.uid);
      if (offSpot.size > before) byPod = new WeakMap();
    },
  };
}

function kindOf(pod: Pod, mayBeSpot: boolean): PodKind {
  const { podAffinity, podAntiAffinity, topologySpread, volumeTopologies, nodeAffinity, nodeSelector } = pod;
  const looksAtOthers = podAffinity.length + podAntiAffinity.length + topologySpread.length > 0;
  const selectors = nodeAffinity === null ? volumeTopologies : [...volumeTopologies, nodeAffinity];
  return {
    compiled: compilePod(pod),
    gpu: asksForGpu(pod.requests),
    mayBeSpot,
    looksAtOthers,
    looksAtZones: looksAtOthers || ZONE_LABEL in nodeSelector || selectors.some(namesZones),
  };
}

function namesZones(selector: NodeSelector): boolean {
  return selector.some(({ matchExpressions }) => matchExpressions.some(({ key }) => key === ZONE_LABEL));
}

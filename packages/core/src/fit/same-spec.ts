import type { PodSpec, Toleration } from "../model/pod.ts";
import { sameMap, sameResources } from "../model/resources.ts";

/**
 * Whether two pods say the same to scheduling, word by word: then they are equivalent. It does not
 * see through another order of labels or terms, which `equivalenceKey` does, but needs no key:
 * pods of one controller are copies of one template.
 */
export function hasSameSpec(a: PodSpec, b: PodSpec): boolean {
  return (
    a.namespace === b.namespace &&
    a.priority === b.priority &&
    sameResources(a.requests, b.requests) &&
    sameMap(a.labels, b.labels) &&
    sameMap(a.nodeSelector, b.nodeSelector) &&
    sameTolerations(a.tolerations, b.tolerations) &&
    sameValue(a.nodeAffinity, b.nodeAffinity) &&
    sameValue(a.podAffinity, b.podAffinity) &&
    sameValue(a.podAntiAffinity, b.podAntiAffinity) &&
    sameValue(a.topologySpread, b.topologySpread) &&
    sameValue(a.hostPorts, b.hostPorts) &&
    sameValue(a.volumeTopologies, b.volumeTopologies)
  );
}

function sameTolerations(a: readonly Toleration[], b: readonly Toleration[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const one = a[i];
    const other = b[i];
    if (
      one?.key !== other?.key ||
      one?.operator !== other?.operator ||
      one?.value !== other?.value ||
      one?.effect !== other?.effect
    )
      return false;
  }
  return true;
}

/** Values as JSON has them. */
function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && sameValues(a, b);
  if (!isRecord(a) || !isRecord(b)) return false;
  let extra = 0;
  for (const key in a) {
    if (!sameValue(a[key], b[key])) return false;
    extra++;
  }
  for (const _ in b) extra--;
  return extra === 0;
}

function sameValues(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false;
  return true;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

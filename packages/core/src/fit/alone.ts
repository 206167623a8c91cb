import type { PodSpec } from "../model/pod.ts";

/** Whether the pod demands nothing of other pods and their ports, as most. */
export function isAlone({ podAffinity, podAntiAffinity, topologySpread, hostPorts }: PodSpec): boolean {
  return (
    podAffinity.length === 0 &&
    podAntiAffinity.length === 0 &&
    topologySpread.length === 0 &&
    hostPorts.length === 0
  );
}

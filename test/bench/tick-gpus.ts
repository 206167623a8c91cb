import type { HeldSeries } from "../e2e/prometheus/openmetrics.ts";
import type { Load } from "./kubernetes-load.ts";

const GPU = "nvidia.com/gpu";

/**
 * What DCGM's exporters tell of the GPUs of the load's nodes from one time to another: each pod
 * holds as many as it asks for, the others idle. Every third node's are hardly used.
 */
export function gpuSeries(load: Load, cluster: string, from: number, to: number): HeldSeries[] {
  const podsByNode = Map.groupBy(load.pods, ({ spec }) => spec.nodeName ?? "");
  return load.nodes.flatMap(({ metadata: { name: node, labels = {} } }, i) => {
    const holders = (podsByNode.get(node) ?? []).flatMap(({ metadata, spec }) => {
      const gpus = Number(spec.containers[0]?.resources.requests[GPU] ?? 0);
      const holder = { namespace: metadata.namespace ?? "", pod: metadata.name, container: "main" };
      return Array.from({ length: gpus }, () => holder);
    });
    const gpus = Number(labels["nvidia.com/gpu.count"] ?? 0);
    return Array.from({ length: gpus }, (_, gpu): HeldSeries => {
      const holder = holders[gpu];
      const value = holder === undefined ? 0 : i % 3 === 0 ? 7 : 88;
      const UUID = `GPU-${String(i).padStart(8, "0")}-0000-4000-8000-${String(gpu).padStart(12, "0")}`;
      return {
        name: "DCGM_FI_DEV_GPU_UTIL",
        labels: { cluster, node, UUID, gpu: String(gpu), device: `nvidia${gpu}`, ...holder },
        from,
        to,
        value,
      };
    });
  });
}

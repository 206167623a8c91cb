import { held } from "../prometheus/held-series.ts";
import type { HeldSeries } from "../prometheus/openmetrics.ts";

/** The cluster of whose GPUs Prometheus knows, with two nodes of which one hardly works. */
export const MEASURED = { cluster: "measured", busy: "busy-node", idle: "idle-node" };

/** Two GPUs of each node are held by its pod, which bears the node's name. */
export const USE_OF_GPUS: readonly HeldSeries[] = [
  [MEASURED.busy, 90],
  [MEASURED.idle, 3],
].flatMap(([node, value]) =>
  [0, 1].map((gpu) =>
    held(
      MEASURED.cluster,
      {
        UUID: `GPU-${node}-${gpu}`,
        Hostname: String(node),
        namespace: "default",
        pod: String(node),
        container: "main",
      },
      { value: Number(value) },
    ),
  ),
);

import { held } from "../prometheus/held-series.ts";
import type { HeldSeries } from "../prometheus/openmetrics.ts";

/** The cluster of whose GPUs Prometheus knows, with two nodes of which one hardly works. */
export const MEASURED = { cluster: "measured", busy: "busy-node", idle: "idle-node" };

const GPUS = [0, 1, 2, 3];
/** The first two are held by the node's pod, which bears its name; the others by nobody. */
const HELD = 2;

export const USE_OF_GPUS: readonly HeldSeries[] = [
  { node: MEASURED.busy, value: 90 },
  { node: MEASURED.idle, value: 3 },
].flatMap(({ node, value }) =>
  GPUS.map((gpu) => {
    const labels = { UUID: `GPU-${node}-${gpu}`, Hostname: node };
    const holder = { namespace: "default", pod: node, container: "main" };
    return gpu < HELD
      ? held(MEASURED.cluster, { ...labels, ...holder }, { value })
      : held(MEASURED.cluster, labels, { value: 0 });
  }),
);

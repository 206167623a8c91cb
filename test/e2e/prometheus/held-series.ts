import { MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import type { HeldSeries } from "./openmetrics.ts";

/** When the tests read. What they hold ends a little before, as it would. */
export const NOW = Date.UTC(2026, 0, 1, 12);
const BEGIN = NOW - 40 * MINUTE_MS + 7 * SECOND_MS;
const GPU_UTIL = "DCGM_FI_DEV_GPU_UTIL";
export const GR_ENGINE = "DCGM_FI_PROF_GR_ENGINE_ACTIVE";
/** What a scrape by pod discovery adds: of the exporter itself. */
export const EXPORTER = {
  instance: "100.65.85.64:9400",
  job: "nvidia-dcgm-exporter",
  namespace: "gpu-operator",
  pod: "nvidia-dcgm-exporter-hblfm",
  container: "nvidia-dcgm-exporter",
};

/** A series under the label of a cluster, which keeps what one test holds from the others. */
export function held(
  cluster: string,
  labels: Readonly<Record<string, string>>,
  { name = GPU_UTIL, from = BEGIN, to = NOW, value }: Partial<HeldSeries> & Pick<HeldSeries, "value">,
): HeldSeries {
  return { name, labels: { ...labels, cluster }, from, to, value };
}

/** Whether it is the one scrape of some minutes ago. */
export function isAgo(at: number, minutes: number): boolean {
  return at === NOW - minutes * MINUTE_MS + 7 * SECOND_MS;
}

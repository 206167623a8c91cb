import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import * as z from "zod";
import { scrapeConfiguration } from "../../infra/scrape-configuration.ts";
import { dataFolder, NO_DATA } from "../environment.ts";
import { type PlainPrometheus, serve, startPlainPrometheus } from "./plain-prometheus.ts";

/** With the recorded series, which counts as two, 5 of the 6 that the budget has. */
const MOST_SERIES = 3;

/** Real exporters' output, with the GPUs and MIG instances that each tells of. */
const EXPORTERS = {
  "real-aws-ec2-l4-idle-kops.prom": 1,
  "real-aws-ec2-t4-idle-rafay.prom": 1,
  "real-aws-eks-h100x8-honorlabels-true.prom": 8,
  "real-l40s-idle-upcloud.prom": 1,
  "real-mig-a100-1g5gb-nvidia-docs.prom": 2,
  "real-t4-busy-ericsson.prom": 1,
} as const;
const FILES = Object.keys(EXPORTERS).sort();

/** What service discovery says of a pod. */
function podLabels(file: string, changes: Readonly<Record<string, string>> = {}) {
  return {
    file,
    __meta_kubernetes_pod_label_app_kubernetes_io_name: "dcgm-exporter",
    __meta_kubernetes_pod_container_port_name: "metrics",
    __meta_kubernetes_pod_phase: "Running",
    __meta_kubernetes_pod_node_name: `node-of-${file}`,
    __metrics_path__: `/${FILES.includes(file) ? file : FILES[0]}`,
    ...changes,
  };
}

/** Two that nothing is wanted of, and one that is not there any more. */
const OTHER_PODS = [
  podLabels("another-pod", { __meta_kubernetes_pod_label_app_kubernetes_io_name: "web" }),
  podLabels("another-port", { __meta_kubernetes_pod_container_port_name: "debug" }),
  podLabels("an-ended-pod", { __meta_kubernetes_pod_phase: "Succeeded" }),
];

const Configuration = z.object({
  global: z.object({ scrape_interval: z.string() }),
  scrape_configs: z.tuple([z.looseObject({ kubernetes_sd_configs: z.unknown() })]),
});

/** The shipped job, with these pods in the place of what the cluster's API tells of, and each second. */
function jobOver(address: string): string {
  const shipped = Configuration.parse(JSON.parse(scrapeConfiguration("production")));
  const [{ kubernetes_sd_configs: _, ...job }] = shipped.scrape_configs;
  const static_configs = [...FILES.map((file) => podLabels(file)), ...OTHER_PODS].map((labels) => ({
    targets: [address],
    labels,
  }));
  return JSON.stringify({
    scrape_configs: [{ ...job, scrape_interval: "1s", scrape_timeout: "1s", static_configs }],
  });
}

async function seriesOnceAllAreScraped(prometheus: PlainPrometheus) {
  for (let tries = 0; tries < 150; tries++) {
    const series = await prometheus.series();
    const ofGpus = series.filter(({ UUID }) => UUID !== undefined);
    if (new Set(ofGpus.map(({ file }) => file)).size >= FILES.length) return { series, ofGpus };
    await sleep(200);
  }
  throw new Error("not all exporters were scraped within 30 s");
}

test("the scraper asks each pod of dcgm-exporter each 30 s", () => {
  const { global, scrape_configs } = Configuration.parse(JSON.parse(scrapeConfiguration("production")));
  expect(global.scrape_interval).toBe("30s");
  expect(scrape_configs[0]).toMatchObject({ kubernetes_sd_configs: [{ role: "pod" }] });
  expect(scrape_configs[0]).not.toHaveProperty("scrape_interval");
});

test("real Prometheus keeps three series a GPU of what real exporters tell, and nobody else's", async ({
  skip,
}) => {
  const folder = dataFolder;
  if (folder === undefined) return skip(NO_DATA);
  const exporters = await serve((request, response) => {
    response.end(readFileSync(join(folder, "dcgm", String(request.url?.slice(1)))));
  });
  const prometheus = await startPlainPrometheus(jobOver(exporters.address));
  if ("missing" in prometheus) {
    exporters.stop();
    return skip(prometheus.missing);
  }
  try {
    const { series, ofGpus } = await seriesOnceAllAreScraped(prometheus);
    expect([...new Set(series.map(({ file }) => file))].sort()).toEqual(FILES);
    for (const [file, gpus] of Object.entries(EXPORTERS)) {
      const own = ofGpus.filter((each) => each.file === file);
      const byGpu = Map.groupBy(own, ({ UUID, GPU_I_ID = "" }) => `${UUID}/${GPU_I_ID}`);
      expect(byGpu.size, file).toBe(gpus);
      for (const [gpu, kept] of byGpu) expect(kept.length, `${file} ${gpu}`).toBeLessThanOrEqual(MOST_SERIES);
      for (const { cluster, node } of own) {
        expect([cluster, node]).toEqual(["production", `node-of-${file}`]);
      }
    }
    expect([...new Set(ofGpus.map(({ __name__ }) => __name__))].sort()).toEqual([
      "DCGM_FI_DEV_FB_FREE",
      "DCGM_FI_DEV_FB_USED",
      "DCGM_FI_DEV_GPU_UTIL",
      "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
    ]);
  } finally {
    await prometheus.stop();
    exporters.stop();
  }
});

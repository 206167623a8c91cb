import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GpuMeasurement } from "@gpu-autoscaler/core";
import { expect } from "vitest";
import * as z from "zod";
import { EXPORTER, held } from "./held-series.ts";
import { type HeldSeries, readExported, scraped } from "./openmetrics.ts";

/** The files of the folder of real inputs that tell of utilization. */
export function realFiles(folder: string): string[] {
  const names = readdirSync(join(folder, "dcgm"));
  return names.filter((name) => name.endsWith(".prom") || name.includes("GPU_UTIL"));
}

/** What is told of each file's GPUs; `honorlabels-true` was scraped so, the others are not. */
export function realMeasurements(): Readonly<Record<string, readonly Partial<GpuMeasurement>[]>> {
  const node = "ip-100-64-171-120.ec2.internal";
  const idle = { pods: [], meanUtilizationMilli: 0 };
  const worker = { ...idle, pods: ["dynamo-workload/vllm-agg-0-vllmdecodeworker-5fljt"] };
  // In the order of their UUIDs.
  const h100 = ["22d", "289", "3cc", "71f", "b60", "ca1", "dee", "f81"].map((uuid) => ({
    ...(uuid === "ca1" ? worker : idle),
    node,
    gpu: expect.stringMatching(`^GPU-${uuid}`),
  }));
  const honored = ["04d", "39e", "82e", "a65", "bc5", "c45", "e64", "fbc"].map((uuid) => ({
    ...idle,
    node: "gpu-node-1",
    gpu: expect.stringMatching(`^GPU-${uuid}`),
    pods: uuid === "c45" ? ["dynamo-workload/vllm-agg-0-vllmdecodeworker-s65j5"] : [],
  }));
  return {
    "real-aws-ec2-l4-idle-kops.prom": [{ ...idle, node: "i-030791dc5a37cd257" }],
    "real-aws-ec2-t4-idle-rafay.prom": [{ ...idle, node: "ip-10-200-3-41" }],
    "real-aws-eks-h100x8-exported-labels.prom": h100,
    "real-aws-eks-h100x8-honorlabels-true.prom": honored,
    "prom-api-exported-labels-DCGM_FI_DEV_GPU_UTIL.json": h100,
    "real-l40s-idle-upcloud.prom": [{ ...idle, node: "gpu1-wl8sg" }],
    "real-mig-a100-1g5gb-nvidia-docs.prom": [
      {
        node: "ub20-a100-k8s",
        gpu: "GPU-34319582-d595-d1c7-d1d2-179bcfa61660/13",
        pods: [],
        meanUtilizationMilli: 996,
      },
    ],
    "real-t4-busy-ericsson.prom": [{ node: "cp-bm14r7", pods: [], meanUtilizationMilli: 910 }],
    "real-vgpu-grid-a100-10c-vks.prom": [{ ...idle, node: "conformance-test-np1-qcqc8-bpdtl-wv2gs" }],
  };
}

/** What Prometheus holds of each file when its exporter is scraped for long, under its name as the cluster. */
export function realSeries(folder: string): HeldSeries[] {
  return realFiles(folder).flatMap((file) => {
    const text = readFileSync(join(folder, "dcgm", file), "utf8");
    const samples = file.endsWith(".json")
      ? apiSamples(text)
      : readExported(text).map((sample) => ({
          ...sample,
          labels: scraped(sample.labels, EXPORTER, file.includes("honorlabels-true")),
        }));
    return samples.map(({ name, labels, value }) => held(file, labels, { name, value }));
  });
}

/** Series as Prometheus' API gives them: with the labels of the scrape. */
function apiSamples(text: string) {
  const { result } = z
    .object({
      data: z.object({
        result: z.array(
          z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
        ),
      }),
    })
    .parse(JSON.parse(text)).data;
  return result.map(({ metric: { __name__: name = "", ...labels }, value: [, value] }) => ({
    name,
    labels,
    value,
  }));
}

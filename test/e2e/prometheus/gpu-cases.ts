import { type GpuMeasurement, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import { expect } from "vitest";
import { EXPORTER, GR_ENGINE, held, isAgo, NOW } from "./held-series.ts";
import { type HeldSeries, scraped } from "./openmetrics.ts";

/** What is exported for one GPU or several, and what is told of it. */
interface Case {
  readonly title: string;
  readonly series: (cluster: string) => readonly HeldSeries[];
  readonly want: readonly Partial<GpuMeasurement>[];
}

const A_GPU = { UUID: "GPU-1", Hostname: "node" };
const HELD = { namespace: "team", pod: "job-1", container: "main" };
/** Of 20 evaluations in 5 min. When within their 15 s rules are evaluated is Prometheus' choice: two see it, or one. */
const ONE_SCRAPE_LESS: number = expect.toBeOneOf([900, 950]);

export const SILENT =
  "of a GPU whose exporter fell silent 15 min ago the last figure is told, and that it is the last";

export const CASES: readonly Case[] = [
  {
    title: "a pod that the scrape renamed to exported_pod holds it, not the exporter",
    series: (cluster) => [held(cluster, scraped({ ...A_GPU, ...HELD }, EXPORTER), { value: 50 })],
    want: [{ pods: ["team/job-1"], meanUtilizationMilli: 500, coverageMilli: 1_000 }],
  },
  {
    title: "an idle GPU bears the exporter's own pod, which holds nothing",
    series: (cluster) => [
      held(cluster, scraped(A_GPU, EXPORTER), { value: 0 }),
      held(cluster, scraped({ ...A_GPU, UUID: "GPU-2", pod: "", namespace: "" }, EXPORTER, true), {
        value: 0,
      }),
    ],
    want: [
      { gpu: "GPU-1", pods: [], meanUtilizationMilli: 0, coverageMilli: 1_000 },
      { gpu: "GPU-2", pods: [], meanUtilizationMilli: 0, coverageMilli: 1_000 },
    ],
  },
  {
    title: "with honor_labels the pod stands under its own name",
    series: (cluster) => [held(cluster, scraped({ ...A_GPU, ...HELD }, EXPORTER, true), { value: 50 })],
    want: [{ pods: ["team/job-1"] }],
  },
  {
    title: "a pod without a namespace is nobody",
    series: (cluster) => [held(cluster, scraped({ ...A_GPU, pod: "job-1" }, EXPORTER), { value: 50 })],
    want: [{ pods: [], meanUtilizationMilli: 500 }],
  },
  {
    title: "the node is named by node, else Hostname, else hostname, else instance without its port",
    series: (cluster) =>
      [
        { node: "a", Hostname: "x", hostname: "y", instance: "z:9400" },
        { Hostname: "b", hostname: "y", instance: "z:9400" },
        { hostname: "c", instance: "z:9400" },
        { instance: "d:9400" },
      ].map((names, i) => held(cluster, { UUID: `GPU-${i}`, ...names }, { value: 0 })),
    want: [{ node: "a" }, { node: "b" }, { node: "c" }, { node: "d" }],
  },
  {
    title: "a GPU that pods share is told of once, with all of them, and its use is not added up",
    series: (cluster) =>
      ["job-1", "job-2"].map((pod, vgpu) =>
        held(cluster, { ...A_GPU, ...HELD, pod, vgpu: String(vgpu) }, { value: 60 }),
      ),
    want: [{ pods: ["team/job-1", "team/job-2"], meanUtilizationMilli: 600, coverageMilli: 1_000 }],
  },
  {
    title: "of a GPU that is cut by MIG the instances are told, by their engines, and not the whole",
    series: (cluster) => [
      held(cluster, A_GPU, { value: 0 }),
      held(cluster, A_GPU, { name: GR_ENGINE, value: 0.4 }),
      held(
        cluster,
        { ...A_GPU, ...HELD, GPU_I_ID: "1", GPU_I_PROFILE: "1g.5gb" },
        { name: GR_ENGINE, value: 0.9 },
      ),
      held(cluster, { ...A_GPU, GPU_I_ID: "2", GPU_I_PROFILE: "1g.5gb" }, { name: GR_ENGINE, value: 0 }),
      held(cluster, { ...A_GPU, GPU_I_ID: "1", GPU_I_PROFILE: "1g.5gb" }, { value: 0 }),
    ],
    want: [
      { gpu: "GPU-1/1", pods: ["team/job-1"], meanUtilizationMilli: 900, coverageMilli: 1_000 },
      { gpu: "GPU-1/2", pods: [], meanUtilizationMilli: 0, coverageMilli: 1_000 },
    ],
  },
  {
    title: "a GPU that is cut by MIG and has no profiling is unknown, though its GPU_UTIL says 0",
    series: (cluster) => [
      held(cluster, A_GPU, { value: 0 }),
      held(cluster, { ...A_GPU, GPU_I_ID: "1" }, { name: "DCGM_FI_DEV_FB_USED", value: 100 }),
    ],
    want: [],
  },
  ...["NaN", "9223372036854775794", "9223372036854775792", "140737488355328", "-1", "100.5"].map(
    (value): Case => ({
      title: `${value} is no figure: such a GPU is unknown`,
      series: (cluster) => [held(cluster, A_GPU, { value })],
      want: [],
    }),
  ),
  {
    title: "a blank amid figures is a sample that did not come",
    series: (cluster) => [
      held(cluster, A_GPU, { value: (at) => (isAgo(at, 2) ? "9223372036854775794" : 40) }),
    ],
    want: [{ meanUtilizationMilli: 400, coverageMilli: ONE_SCRAPE_LESS }],
  },
  {
    title: "a scrape that failed is a sample that did not come",
    series: (cluster) => [held(cluster, A_GPU, { value: (at) => (isAgo(at, 2) ? null : 40) })],
    want: [{ meanUtilizationMilli: 400, coverageMilli: ONE_SCRAPE_LESS }],
  },
  {
    title: "a GPU that came 2 min ago has the mean of those 2 min, and little coverage",
    series: (cluster) => [held(cluster, A_GPU, { from: NOW - 2 * MINUTE_MS - 23 * SECOND_MS, value: 70 })],
    want: [{ meanUtilizationMilli: 700, coverageMilli: expect.toBeOneOf([400, 450]) }],
  },
  {
    title: "a mean is that of its 5 min",
    series: (cluster) => [held(cluster, A_GPU, { value: (at) => (at < NOW - 3 * MINUTE_MS ? 0 : 100) })],
    want: [
      {
        meanUtilizationMilli: expect.toBeOneOf([500, 550]),
        lastUtilizationMilli: 1_000,
        coverageMilli: 1_000,
      },
    ],
  },
  {
    title: "a GPU that went from a pod to another is that other's, with all samples of both",
    series: (cluster) => {
      const handedOver = NOW - 3 * MINUTE_MS + 7 * SECOND_MS;
      return [
        held(cluster, { ...A_GPU, ...HELD, pod: "old" }, { to: handedOver, value: 100 }),
        held(cluster, { ...A_GPU, ...HELD, pod: "new" }, { from: handedOver + 30 * SECOND_MS, value: 0 }),
      ];
    },
    want: [{ pods: ["team/new"], lastUtilizationMilli: 0, coverageMilli: 1_000 }],
  },
  {
    title: SILENT,
    series: (cluster) => [
      held(cluster, { ...A_GPU, ...HELD }, { to: NOW - 15 * MINUTE_MS + 7 * SECOND_MS, value: 80 }),
    ],
    want: [{ pods: ["team/job-1"], lastUtilizationMilli: 800, meanUtilizationMilli: 800, coverageMilli: 0 }],
  },
  {
    title: "of a GPU whose exporter fell silent 33 min ago nothing is told",
    series: (cluster) => [held(cluster, A_GPU, { to: NOW - 33 * MINUTE_MS + 7 * SECOND_MS, value: 80 })],
    want: [],
  },
  {
    title: "of two exporters on one node each GPU is told of once",
    series: (cluster) =>
      ["gpu-operator", "monitoring"].map((job) => held(cluster, { ...A_GPU, job }, { value: 30 })),
    want: [{ gpu: "GPU-1", meanUtilizationMilli: 300, coverageMilli: 1_000 }],
  },
];

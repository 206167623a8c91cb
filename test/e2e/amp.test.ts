import { setTimeout as sleep } from "node:timers/promises";
import { type AwsAccess, createAmpMetrics } from "@gpu-autoscaler/adapters";
import { type GpuMeasurement, HOUR_MS, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gpuMetricsContract } from "../contract/readings.contract.ts";
import { dataFolder, NO_DATA } from "../environment.ts";
import type { Fate } from "./loopback-proxy.ts";
import { CASES, SILENT } from "./prometheus/gpu-cases.ts";
import { EXPORTER, held, NOW } from "./prometheus/held-series.ts";
import { openMetrics } from "./prometheus/openmetrics.ts";
import { realFiles, realMeasurements, realSeries } from "./prometheus/real-exporters.ts";
import { startExporter } from "./prometheus/start-exporter.ts";
import { type Prometheus, refused, startPrometheus } from "./prometheus/start-prometheus.ts";

let found: Prometheus | { readonly missing: string } = { missing: "it was not looked for" };

beforeAll(async () => {
  const series = [
    ...contractSeries(),
    ...CASES.flatMap(({ title, series }) => series(title)),
    ...(dataFolder === undefined ? [] : realSeries(dataFolder)),
  ];
  found = await startPrometheus({
    held: { samples: openMetrics(series), rulesFrom: NOW - 36 * MINUTE_MS, rulesTo: NOW },
  });
});

afterAll(async () => {
  if ("stop" in found) await found.stop();
});

beforeEach(({ skip }) => {
  if ("missing" in found) skip(found.missing);
});

afterEach(() => {
  if ("stop" in found) found.disturb(null);
});

function prometheus(): Prometheus {
  if ("missing" in found) throw new Error(found.missing);
  return found;
}

function anAccess(changes: Partial<AwsAccess> = {}): AwsAccess {
  const { region, credentials } = prometheus();
  return { region, credentials, clock: { now: () => NOW + 2 * SECOND_MS }, ...changes };
}

function metricsOf(cluster: string, changes: Partial<AwsAccess> = {}) {
  return createAmpMetrics(anAccess(changes), prometheus().workspaceUrl, cluster);
}

async function read(cluster: string): Promise<readonly GpuMeasurement[]> {
  return (await metricsOf(cluster).readMeasurements()).measurements;
}

function contractSeries() {
  return [95, 0, 0, 0].map((value, i) => held("contract", { UUID: `GPU-${i}`, Hostname: "node" }, { value }));
}

gpuMetricsContract("of a Prometheus that is routed and signed like AMP", () => ({
  metrics: metricsOf("contract"),
  node: "node",
}));

describe("what is told of a GPU", () => {
  test.each(CASES)("$title", async ({ title, want }) => {
    const measurements = await read(title);
    expect(measurements).toHaveLength(want.length);
    expect(measurements).toMatchObject(want);
  });

  test("the last sample is stamped no later than it was taken, and a minute before at most", async () => {
    const [silent] = await read(SILENT);
    const takenAt = NOW - 15 * MINUTE_MS + 7 * SECOND_MS;
    expect(silent?.lastSampleAt).toBeLessThanOrEqual(takenAt);
    expect(silent?.lastSampleAt).toBeGreaterThan(takenAt - MINUTE_MS);
  });

  test("the time of the reading is that of the last evaluation of the rules", async () => {
    const { at } = await metricsOf("contract").readMeasurements();
    expect(at).toBeLessThanOrEqual(NOW);
    expect(at).toBeGreaterThan(NOW - 16 * SECOND_MS);
  });

  test("another cluster's GPUs are not told of, also when its name begins alike", async () => {
    expect(await read("contract-2")).toEqual([]);
    expect(await read("contrac.")).toEqual([]);
  });

  test.each([
    ["two calls", "contract", 2],
    ["a third while a GPU is silent", SILENT, 3],
  ])("a reading is %s", async (_, cluster, want) => {
    const before = prometheus().calls.length;
    await read(cluster);
    expect(prometheus().calls.slice(before)).toHaveLength(want);
  });
});

describe("real exporters", () => {
  test.for(Object.keys(realMeasurements()))("%s", async (file, { skip }) => {
    if (dataFolder === undefined) skip(NO_DATA);
    const measurements = await read(file);
    const told = measurements.map(({ node, gpu, pods, meanUtilizationMilli }) => ({
      node,
      gpu,
      pods,
      meanUtilizationMilli,
    }));
    expect(told).toMatchObject(realMeasurements()[file] ?? []);
    expect(told).toHaveLength(realMeasurements()[file]?.length ?? 0);
    expect(measurements.every(({ coverageMilli }) => coverageMilli === 1_000)).toBe(true);
  });

  test("all of the folder are among them", ({ skip }) => {
    if (dataFolder === undefined) skip(NO_DATA);
    else expect(realFiles(dataFolder).filter((file) => !(file in realMeasurements()))).toEqual([]);
  });
});

const DENIED =
  "User: arn:aws:sts::1:assumed-role/tick is not authorized to perform: aps:QueryMetrics on resource: ws";

describe("a workspace that does not answer as it should", () => {
  test.each<[string, Fate, object]>([
    [
      "an expired token",
      refused(403, "The security token included in the request is expired"),
      { code: "aws-credentials", retryable: false, message: expect.stringContaining("renew them") },
    ],
    [
      "a missing permission",
      refused(403, DENIED),
      { code: "aws-access-denied", message: expect.stringContaining("allow aps:QueryMetrics for the role") },
    ],
    [
      "a query that it does not understand",
      { ...answer(400), body: '{"status":"error","errorType":"bad_data","error":"parse error"}' },
      {
        code: "amp-query-refused",
        message: expect.stringContaining("refused a query: parse error; look at its query limits"),
      },
    ],
    [
      "a query that is too much for it",
      { ...answer(422), body: '{"status":"error","errorType":"execution","error":"too many samples"}' },
      { code: "amp-query-refused", retryable: false, message: expect.stringContaining("too many samples") },
    ],
    [
      "a page that is no answer of Prometheus",
      { ...answer(200), body: "<html>" },
      {
        code: "amp-answer-unreadable",
        message: expect.stringContaining("see that it is the workspace's prometheusEndpoint"),
      },
    ],
    [
      "throttling that lasts",
      refused(429, "Rate exceeded"),
      {
        code: "throttled",
        retryable: true,
        message: expect.stringContaining("aps:QueryMetrics in us-east-1"),
      },
    ],
    [
      "a fault of its own that lasts",
      { ...answer(503), body: "upstream connect error" },
      { retryable: true, message: expect.stringContaining("HTTP 503: upstream connect error") },
    ],
    [
      "nobody there",
      "no-connection",
      {
        code: "aws-unreachable",
        retryable: true,
        message: expect.stringContaining("let the function reach aps"),
      },
    ],
  ])("%s", async (_, fate, want) => {
    prometheus().disturb(() => fate);
    const metrics = metricsOf("contract", { limits: { budgetMs: 300, firstRestMs: 50 } });
    const startedAt = performance.now();
    await expect(metrics.readMeasurements()).rejects.toMatchObject(want);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test("one that takes too long is left, within the budget", async () => {
    const silence = new AbortController();
    prometheus().disturb(() =>
      sleep(60_000, "no-connection" as const, { signal: silence.signal }).catch(
        () => "no-connection" as const,
      ),
    );
    const metrics = metricsOf("contract", { limits: { attemptMs: 200, budgetMs: 700, firstRestMs: 50 } });
    const startedAt = performance.now();
    await expect(metrics.readMeasurements()).rejects.toMatchObject({ code: "aws-timeout", retryable: true });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    silence.abort();
  });

  test.each<[string, Fate]>([
    ["throttled", refused(429, "Rate exceeded")],
    ["away", "no-connection"],
    ["faulty", { ...answer(500), body: "" }],
  ])("one that was %s for a moment is read all the same", async (_, fate) => {
    let left = 4;
    prometheus().disturb(() => (left-- > 0 ? fate : "forward"));
    const metrics = metricsOf("contract", { limits: { firstRestMs: 20 } });
    expect((await metrics.readMeasurements()).measurements).toHaveLength(4);
  });

  test("signed with a key that is not the account's", async () => {
    const credentials = { ...prometheus().credentials, secretAccessKey: "wrong" };
    await expect(metricsOf("contract", { credentials }).readMeasurements()).rejects.toMatchObject({
      code: "aws-credentials",
      retryable: false,
    });
  });

  test("signed for another region", async () => {
    await expect(metricsOf("contract", { region: "eu-west-1" }).readMeasurements()).rejects.toMatchObject({
      code: "aws-wrong-region",
      message: expect.stringContaining("set the region of the workspace"),
    });
  });

  test("one that is not there", async () => {
    const elsewhere = prometheus().workspaceUrl.replace(/ws-.*/, "ws-none");
    await expect(
      createAmpMetrics(anAccess(), elsewhere, "contract").readMeasurements(),
    ).rejects.toMatchObject({
      code: "amp-workspace-missing",
      retryable: false,
      message: expect.stringContaining("correct its id and region"),
    });
  });

  test("one in which no rule is evaluated", async () => {
    const clock = { now: () => NOW - 3 * HOUR_MS };
    await expect(metricsOf("contract", { clock }).readMeasurements()).rejects.toMatchObject({
      code: "amp-recording-rules-missing",
      message: expect.stringContaining("load deploy/recording-rules.yaml"),
    });
  });
});

test("what a running exporter exports is measured within a minute", async ({ skip }) => {
  const exporter = await startExporter();
  const pod = { namespace: "team", name: "job-1" };
  exporter.show([{ node: "node", uuid: "GPU-1", utilization: 42, pod }]);
  const { instance: _, job: __, ...labels } = EXPORTER;
  const running = await startPrometheus({ scrape: [{ address: exporter.address, labels }] });
  if ("missing" in running) return skip(running.missing);
  try {
    const access = anAccess({ clock: { now: () => Date.now() }, credentials: running.credentials });
    const metrics = createAmpMetrics(access, running.workspaceUrl, "live");
    const measured = async () =>
      metrics.readMeasurements().then(
        ({ measurements }) => measurements,
        () => [],
      );
    await expect
      .poll(measured, { timeout: 60_000, interval: 1_000 })
      .toMatchObject([{ node: "node", gpu: "GPU-1", pods: ["team/job-1"], lastUtilizationMilli: 420 }]);
  } finally {
    exporter.stop();
    await running.stop();
  }
});

function answer(status: number) {
  return { status, headers: { "content-type": "application/json" } };
}

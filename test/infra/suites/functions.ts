import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LEASE_MS, TABLE_ATTRIBUTES } from "@gpu-autoscaler/adapters";
import { expect, onTestFinished, test } from "vitest";
import type { Deployed } from "../deployed.ts";
import { allOf, inputsOf } from "../graph.ts";

const FUNCTION = "aws:lambda/function:Function";
const BOTH = ["production", "research"];

export function functionsSuite(deployed: () => Deployed): void {
  test("each cluster has a pair of its own, on arm64 and Node 24", () => {
    const functions = allOf(deployed().two, FUNCTION);
    expect(functions.map(({ inputs }) => inputs.name).sort()).toEqual(
      BOTH.flatMap((cluster) => [
        `gpu-autoscaler-production-${cluster}-interruption`,
        `gpu-autoscaler-production-${cluster}-tick`,
      ]),
    );
    for (const { inputs } of functions) {
      expect(inputs).toMatchObject({
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        packageType: "Zip",
      });
      // Reserved, it would be missing to the account's other functions; the lease keeps ticks apart.
      expect(inputs).not.toHaveProperty("reservedConcurrentExecutions");
    }
  });

  test("a tick of a cluster that may grow large has more memory, and with it processor", () => {
    const memoryOf = (name: string) => inputsOf(deployed().two, FUNCTION, `${name}Function`).memorySize;
    expect(["production-tick", "research-tick", "research-interruption"].map(memoryOf)).toEqual([
      512, 1024, 512,
    ]);
  });

  test("each is one file of the handler's code, minified and at most 1 MB", () => {
    const { bundles } = deployed().two;
    for (const [name, text] of Object.entries(bundles)) {
      for (const cluster of BOTH) {
        const { handler } = inputsOf(deployed().two, FUNCTION, `${cluster}-${name}Function`);
        expect(handler).toBe(`${name}.handler`);
      }
      expect(text, name).toContain(name === "tick" ? "TickSucceeded" : "PodsEvicted");
      expect(text.length, name).toBeLessThan(1_000_000);
      // A line of code that people wrote is short.
      expect(text.length / text.split("\n").length, name).toBeGreaterThan(500);
    }
  });

  test("each loads in Node.js as Lambda would load it, and has the handler", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gpu-autoscaler-deployed-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const env = {
      CLUSTER: "production",
      TABLE_NAME: "table",
      TICK_FUNCTION: "tick",
      POWERTOOLS_SERVICE_NAME: "gpu-autoscaler",
      POWERTOOLS_METRICS_NAMESPACE: "GpuAutoscaler",
    };
    for (const [name, text] of Object.entries(deployed().two.bundles)) {
      const file = join(folder, `${name}.cjs`);
      await writeFile(file, text);
      const program = "console.log(typeof require(process.argv[1]).handler)";
      const { stdout } = await promisify(execFile)(process.execPath, ["--eval", program, file], { env });
      expect(stdout.trim(), name).toBe("function");
    }
  });

  test("they are told which cluster, table and workspace are theirs", () => {
    const { two, settled } = deployed();
    const table = allOf(two, "aws:dynamodb/table:Table")[0]?.inputs.name;
    const environmentOf = (graph: typeof two, name: string) =>
      inputsOf(graph, FUNCTION, `${name}Function`).environment;
    expect(environmentOf(two, "production-tick")).toMatchObject({
      variables: {
        CLUSTER: "production",
        TABLE_NAME: table,
        METRICS_URL: expect.stringMatching(
          /^https:\/\/aps-workspaces\.us-east-1\.amazonaws\.com\/workspaces\/\w+\/$/,
        ),
        NODE_OPTIONS: "--max-semi-space-size=4 --max-old-space-size=256",
        POWERTOOLS_SERVICE_NAME: "gpu-autoscaler-tick",
        POWERTOOLS_METRICS_NAMESPACE: "GpuAutoscaler",
        POWERTOOLS_LOG_LEVEL: "INFO",
      },
    });
    expect(environmentOf(two, "research-interruption")).toMatchObject({
      variables: {
        CLUSTER: "research",
        TICK_FUNCTION:
          "arn:aws:lambda:us-east-1:123456789012:function:gpu-autoscaler-production-research-tick",
      },
    });
    expect(environmentOf(settled, "settled-tick")).toMatchObject({
      variables: {
        METRICS_URL: "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-99999999-aaaa",
      },
    });
  });

  test("a tick is over before its lease, and is not tried again", () => {
    const { two } = deployed();
    const tick = inputsOf(two, FUNCTION, "production-tickFunction");
    expect(Number(tick.timeout) * 1_000).toBeLessThanOrEqual(LEASE_MS - 10_000);
    for (const { inputs } of allOf(two, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")) {
      expect(inputs).toMatchObject({ maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 });
    }
  });

  test("logs are kept for a month, in groups that the stage removes", () => {
    const groups = allOf(deployed().two, "aws:cloudwatch/logGroup:LogGroup");
    const functions = allOf(deployed().two, FUNCTION);
    expect(groups.map(({ inputs }) => inputs.name).sort()).toEqual(
      functions.map(({ inputs }) => `/aws/lambda/${inputs.name}`).sort(),
    );
    for (const { inputs, retainOnDelete } of groups) {
      expect(inputs.retentionInDays).toBe(30);
      expect(retainOnDelete).toBe(false);
    }
    for (const { inputs } of functions) {
      expect(inputs.loggingConfig).toEqual({ logFormat: "Text", logGroup: `/aws/lambda/${inputs.name}` });
    }
  });

  test("one schedule a cluster starts its tick each minute", () => {
    const schedules = allOf(deployed().two, "aws:scheduler/schedule:Schedule").map(({ inputs }) => inputs);
    expect(schedules).toHaveLength(2);
    for (const [at, cluster] of BOTH.entries()) {
      expect(schedules[at]).toMatchObject({
        scheduleExpression: "rate(1 minute)",
        state: "ENABLED",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: `arn:aws:lambda:us-east-1:123456789012:function:gpu-autoscaler-production-${cluster}-tick`,
          retryPolicy: { maximumRetryAttempts: 0 },
        },
      });
    }
  });

  test("they come into the cluster by the group that deploy/rbac.yaml binds", () => {
    const entries = allOf(deployed().two, "aws:eks/accessEntry:AccessEntry").map(({ inputs }) => inputs);
    for (const cluster of BOTH) {
      for (const purpose of ["tick", "interruption"]) {
        expect(entries).toContainEqual(
          expect.objectContaining({
            clusterName: cluster,
            type: "STANDARD",
            kubernetesGroups: ["gpu-autoscaler"],
            principalArn: `arn:aws:iam::123456789012:role/gpu-autoscaler-production-${cluster}-${purpose}`,
          }),
        );
      }
    }
  });

  test("our commands find table and workspaces by what the deploy told", () => {
    const { two } = deployed();
    expect(two.told).toEqual({
      table: allOf(two, "aws:dynamodb/table:Table")[0]?.inputs.name,
      metricsUrls: {
        production: "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/Metrics/",
        research:
          "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-11111111-2222-3333-4444-555555555555",
      },
    });
  });

  test("one table has the keys that the adapters write", () => {
    const [table, ...others] = allOf(deployed().two, "aws:dynamodb/table:Table");
    expect(others).toEqual([]);
    expect(table?.inputs).toMatchObject({
      hashKey: TABLE_ATTRIBUTES.partitionKey,
      rangeKey: TABLE_ATTRIBUTES.sortKey,
      ttl: { attributeName: TABLE_ATTRIBUTES.timeToLive, enabled: true },
      billingMode: "PAY_PER_REQUEST",
      pointInTimeRecovery: { enabled: true },
    });
  });
}

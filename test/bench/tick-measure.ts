import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MINUTE_MS, type Policy } from "@gpu-autoscaler/core";
import { startAws } from "../e2e/aws/start-aws.ts";
import { type ControlPlane, startControlPlane } from "../e2e/control-plane/control-plane.ts";
import { aTable, localAccess } from "../e2e/dynamodb/a-table.ts";
import { startDynamoDb } from "../e2e/dynamodb/start-dynamodb.ts";
import { openMetrics } from "../e2e/prometheus/openmetrics.ts";
import { startPrometheus } from "../e2e/prometheus/start-prometheus.ts";
import { startEksFront } from "../e2e/wire/eks-front.ts";
import { bundledProgram } from "../functions/bundle.ts";
import { fillCluster, type Load, type LoadPod, loadOf, replacePods, updateNodes } from "./kubernetes-load.ts";
import { benchPolicy } from "./raw-cluster.ts";
import { type AwsPorts, createGroups, launchFleet, patientPorts } from "./tick-fleet.ts";
import { gpuSeries } from "./tick-gpus.ts";
import type { TickFigures, TickWorld } from "./tick-process.ts";

export interface TickReport {
  readonly nodes: number;
  readonly pods: number;
  readonly v8Options: readonly string[];
  readonly bundleBytes: number;
  readonly processes: readonly {
    readonly name: "bundled" | "source";
    /** The first tick of the process. */
    readonly cold: TickFigures;
    /** Each after a hundredth of the pods was replaced and a hundredth of the nodes changed. */
    readonly warm: readonly TickFigures[];
  }[];
}

export interface TickMeasuring {
  /** The file of the process that ticks. */
  readonly program: string;
  readonly nodes: number;
  readonly runs: number;
  readonly say: (line: string) => void;
}

/**
 * As a function of 512 MB has them in NODE_OPTIONS. By itself V8 collects late, though no more than
 * 40 MiB are alive: a process without them holds half as much again, at no gain in time.
 */
const V8_OPTIONS = ["--max-semi-space-size=4", "--max-old-space-size=256"];
const CHURN = 0.01;
/** As the product ships it. */
const MOST_LAUNCHES = 100;
/** Of GPU samples, before now and after: as long as the bench may take. */
const MEASURED_BEFORE_MS = 8 * MINUTE_MS;
const MEASURED_AFTER_MS = 30 * MINUTE_MS;

/** Starts the world, measures a bundled and an unbundled process in it, and stops it. Throws where a part is missing. */
export async function measureTicks({ program, nodes, runs, say }: TickMeasuring): Promise<TickReport> {
  const policy = policyOfBench();
  const stops: (() => unknown)[] = [];
  try {
    const folder = await mkdtemp(join(tmpdir(), "gpu-autoscaler-bundle-"));
    stops.push(() => rm(folder, { recursive: true }));
    const bundle = await bundledProgram(program, join(folder, "tick.cjs"));
    const aws = await started(startAws(), stops);
    say("launching the fleet…");
    await createGroups(aws, policy);
    const awsPorts = patientPorts(aws, policy);
    const load = await launchFleet(awsPorts, loadOf(nodes));
    const plane = await startPlane(stops);
    say("filling the cluster…");
    const pods = await fillCluster(plane.client, load);
    say("measuring GPUs…");
    const prometheus = await startMetrics(load, policy, stops);
    const eks = await startEksFront({ endpoint: plane.url, ca: plane.ca });
    stops.push(eks.stop);
    const dynamoDb = await started(startDynamoDb(), stops);
    const fleet = await instancesIn(awsPorts);
    const processes: TickReport["processes"][number][] = [];
    for (const [name, file] of [
      ["bundled", bundle.file],
      ["source", program],
    ] as const) {
      const { table, client } = await aTable(localAccess(dynamoDb.endpoint));
      client.destroy();
      const world: TickWorld = {
        policy,
        apiServer: { url: plane.url, ca: plane.ca, token: plane.token },
        aws: { endpoint: aws.endpoint, eksEndpoint: eks.endpoint },
        credentials: prometheus.credentials,
        metricsUrl: prometheus.workspaceUrl,
        dynamoDb: { endpoint: dynamoDb.endpoint, table },
      };
      processes.push({ name, ...(await measureProcess(file, world, churn(plane, pods, nodes), runs, say)) });
      await endAllBut(awsPorts, fleet);
    }
    return { nodes, pods: pods.length, v8Options: V8_OPTIONS, bundleBytes: bundle.bytes, processes };
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

function policyOfBench(): Policy {
  const policy = benchPolicy();
  return {
    ...policy,
    cluster: "bench",
    scaleUp: { ...policy.scaleUp, maxLaunchesPerTick: MOST_LAUNCHES },
  };
}

async function started<Server extends { stop(): unknown }>(
  starting: Promise<Server | { readonly missing: string }>,
  stops: (() => unknown)[],
): Promise<Server> {
  const server = await starting;
  if ("missing" in server) throw new Error(server.missing);
  stops.push(() => server.stop());
  return server;
}

async function startPlane(stops: (() => unknown)[]): Promise<ControlPlane> {
  const start = await startControlPlane();
  if ("missing" in start) throw new Error(start.missing);
  stops.push(start.controlPlane.stop);
  return start.controlPlane;
}

function startMetrics(load: Load, { cluster }: Policy, stops: (() => unknown)[]) {
  const from = Date.now() - MEASURED_BEFORE_MS;
  const to = Date.now() + MEASURED_AFTER_MS;
  const samples = openMetrics(gpuSeries(load, cluster, from, to));
  return started(startPrometheus({ held: { samples, rulesFrom: from, rulesTo: to } }), stops);
}

/** The same hundredth of pods is replaced, and of nodes changed, by no two calls. */
function churn({ client }: ControlPlane, pods: LoadPod[], nodes: number): () => Promise<void> {
  return async () => {
    const run = churns++;
    await replacePods(client, pods, Math.round(pods.length * CHURN), run);
    await updateNodes(client, Math.round(nodes * CHURN), run);
  };
}

let churns = 0;

async function measureProcess(
  file: string,
  world: TickWorld,
  change: () => Promise<void>,
  runs: number,
  say: (line: string) => void,
): Promise<{ cold: TickFigures; warm: readonly TickFigures[] }> {
  // Advanced, since JSON knows no Infinity, which uncapped limits are.
  const child = fork(file, [], { serialization: "advanced", execArgv: [...V8_OPTIONS] });
  const tick = async (): Promise<TickFigures> => {
    child.send("tick");
    const [answer] = await once(child, "message");
    if ("problem" in answer) throw new Error(answer.problem);
    const { ms, cpuMs, apiServerBytes, peakRssMiB }: TickFigures = answer.figures;
    say(`  ${ms} ms, ${cpuMs} ms of them CPU, ${apiServerBytes} bytes, ${peakRssMiB} MiB`);
    return answer.figures;
  };
  try {
    child.send(world);
    say(`ticking: ${file.endsWith(".ts") ? "the source" : "the bundle"}…`);
    const cold = await tick();
    const warm: TickFigures[] = [];
    for (let run = 0; run < runs; run++) {
      await change();
      warm.push(await tick());
    }
    return { cold, warm };
  } finally {
    child.disconnect();
  }
}

async function instancesIn({ capacityReader }: AwsPorts): Promise<ReadonlyMap<string, readonly string[]>> {
  const { groups } = await capacityReader.readGroups();
  return new Map(groups.map(({ name, instances }) => [name, instances.map(({ id }) => id)]));
}

/** Ends what a process launched, for the next begins where it did. */
async function endAllBut(ports: AwsPorts, fleet: ReadonlyMap<string, readonly string[]>): Promise<void> {
  for (const [group, ids] of await instancesIn(ports)) {
    const launched = ids.filter((id) => !fleet.get(group)?.includes(id));
    if (launched.length > 0) await ports.capacityWriter.terminateInstances(group, launched);
  }
}

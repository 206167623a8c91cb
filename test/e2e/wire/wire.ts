import type { DynamoTable } from "@gpu-autoscaler/adapters";
import { MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import { type Aws, startAws } from "../aws/start-aws.ts";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";
import { aTable, localAccess } from "../dynamodb/a-table.ts";
import { type DynamoDb, startDynamoDb } from "../dynamodb/start-dynamodb.ts";
import { applyRoles, clear } from "../kubernetes-cluster.ts";
import { NOW } from "../prometheus/held-series.ts";
import { openMetrics } from "../prometheus/openmetrics.ts";
import { type Prometheus, startPrometheus } from "../prometheus/start-prometheus.ts";
import { type ApiFront, startApiFront } from "./api-front.ts";
import type { ClusterToMake } from "./cluster.ts";
import { startEksFront } from "./eks-front.ts";
import type { Process } from "./process.ts";
import { USE_OF_GPUS } from "./use-of-gpus.ts";
import { makeCluster, type WiredCluster } from "./wired-cluster.ts";

const USER_TOKEN = "token-of-the-autoscaler";

/** All that the autoscaler touches, real or on loopback. */
export interface Wire extends Servers {
  readonly api: ApiFront;
  /** Of every cluster's processes. */
  readonly table: DynamoTable;
  /** The real time, which a test may set ahead. */
  readonly clock: { now(): number; aheadMs: number };
  /** A cluster by a name of its own, with its Auto Scaling group. */
  makeCluster(name: string, options?: ClusterToMake): Promise<WiredCluster>;
  /** Nothing of the test before: no pods, no nodes, no faults, no processes. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

interface Servers {
  readonly plane: ControlPlane;
  readonly aws: Aws;
  readonly dynamoDb: DynamoDb;
  readonly prometheus: Prometheus;
}

/** Starts it all, or says what cannot be started here. */
export async function startWire(): Promise<Wire | { readonly missing: string }> {
  const servers = await startServers();
  if ("missing" in servers) return servers;
  const { plane, aws, dynamoDb, prometheus } = servers;
  const api = await startApiFront({ url: plane.url, ca: plane.ca, token: USER_TOKEN });
  const eks = await startEksFront({ endpoint: api.endpoint, ca: plane.ca });
  const table = await aTable(localAccess(dynamoDb.endpoint));
  const clock = { aheadMs: 0, now: () => Date.now() + clock.aheadMs };
  const measuredAt = NOW + 2 * SECOND_MS;
  const surroundings = { clock, aws, eksEndpoint: eks.endpoint, table, prometheus, measuredAt };
  const opened: Process[] = [];
  const closeProcesses = () => Promise.all(opened.splice(0).map((process) => process.close()));

  return {
    plane,
    aws,
    dynamoDb,
    prometheus,
    api,
    table,
    clock,
    makeCluster: (name, options) => makeCluster(surroundings, opened, name, options),
    async reset() {
      api.disturb(null);
      prometheus.disturb(null);
      aws.restoreCapacity();
      aws.throttle(0);
      aws.resetCalls();
      clock.aheadMs = 0;
      await closeProcesses();
      await clear(plane);
    },
    async stop() {
      await closeProcesses();
      eks.stop();
      table.client.destroy();
      await api.stop();
      await Promise.all([plane, dynamoDb, prometheus].map((server) => server.stop()));
      await aws.stop();
    },
  };
}

async function startServers(): Promise<Servers | { readonly missing: string }> {
  const plane = await startPlane();
  if ("missing" in plane) return plane;
  const [aws, dynamoDb, prometheus] = await Promise.all([
    startAws({ terminateAfterMs: 300 }),
    startDynamoDb(),
    startPrometheus({
      held: { samples: openMetrics(USE_OF_GPUS), rulesFrom: NOW - 36 * MINUTE_MS, rulesTo: NOW },
    }),
  ]);
  if (!("missing" in aws || "missing" in dynamoDb || "missing" in prometheus))
    return { plane, aws, dynamoDb, prometheus };
  const servers = [plane, aws, dynamoDb, prometheus];
  await Promise.all(servers.map((server) => ("stop" in server ? server.stop() : undefined)));
  return { missing: servers.flatMap((server) => ("missing" in server ? server.missing : [])).join("; ") };
}

/** All four programs. No kubelet sends heartbeats, and the owners of pods are but names. */
async function startPlane(): Promise<ControlPlane | { readonly missing: string }> {
  const started = await startControlPlane({
    controllerManager: true,
    controllerManagerFlags: [
      "--node-monitor-grace-period=1h",
      "--controllers=*,-garbage-collector-controller",
    ],
    scheduler: true,
    users: [{ token: USER_TOKEN, user: "autoscaler", groups: ["gpu-autoscaler"] }],
  });
  if ("missing" in started) return started;
  await applyRoles(started.controlPlane);
  return started.controlPlane;
}

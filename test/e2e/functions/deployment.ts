import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDynamoStateStore, type DynamoTable, readDecisions, setPaused } from "@gpu-autoscaler/adapters";
import {
  type ConfigInput,
  type ControllerState,
  emptyState,
  type Policy,
  parseConfig,
  policyOf,
  type TickRecord,
} from "@gpu-autoscaler/core";
import type { FunctionName } from "../../../functions/bundle.ts";
import { bundled } from "../../functions/bundle.ts";
import { aTable, localAccess } from "../dynamodb/a-table.ts";
import { POOL } from "../wire/cluster.ts";
import { startEksFront } from "../wire/eks-front.ts";
import type { Wire } from "../wire/wire.ts";
import { type LambdaFront, startLambdaFront } from "./lambda-front.ts";
import { type Lambda, startLambda } from "./start-lambda.ts";

export const INSTANCE_TYPE = "g6.xlarge";
const ZONES = ["us-east-1a", "us-east-1b"];

/** The bundled functions, deployed for several clusters of one configuration, on loopback. */
export interface Deployment {
  readonly lambda: LambdaFront;
  cluster(name: string): Promise<DeployedCluster>;
  /** Ends the functions that tests started. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export interface DeployedCluster {
  readonly policy: Policy;
  start(name: FunctionName): Promise<Lambda>;
  /** As it is stored. */
  state(): Promise<ControllerState>;
  pause(isPaused: boolean): Promise<unknown>;
  /** The decisions that were kept, oldest first. */
  records(): Promise<readonly TickRecord[]>;
  /** Ids of instances that EC2 has, those on their way out left out. */
  instances(): Promise<readonly string[]>;
}

/** A cluster of the configuration. */
export interface ClusterToDeploy {
  readonly name: string;
  readonly capacityType?: "on-demand" | "spot";
  readonly dryRun?: boolean;
}

export async function deploy(wire: Wire, clusters: readonly ClusterToDeploy[]): Promise<Deployment> {
  const { aws, dynamoDb, prometheus, api, plane } = wire;
  const folder = await mkdtemp(join(tmpdir(), "gpu-autoscaler-functions-"));
  const config: ConfigInput = { clusters: clusters.map(configOf) };
  const configuration = join(folder, "autoscaler.config.mjs");
  await writeFile(configuration, `export default ${JSON.stringify(config)};`);
  const bundle = (name: FunctionName) => bundled(name, join(folder, `${name}.cjs`), configuration);
  const [tick, interruption] = await Promise.all([bundle("tick"), bundle("interruption")]);
  const files = { tick: tick.file, interruption: interruption.file };
  const eks = await startEksFront({ endpoint: api.endpoint, ca: plane.ca });
  const lambda = await startLambdaFront();
  const credentials = prometheus.credentials;
  const table = await aTable({ ...localAccess(dynamoDb.endpoint), credentials });
  const environment = {
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
    AWS_ENDPOINT_URL_EKS: eks.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
    TABLE_NAME: table.table,
    METRICS_URL: prometheus.workspaceUrl,
    POWERTOOLS_METRICS_NAMESPACE: "GpuAutoscaler",
    POWERTOOLS_LOG_LEVEL: "DEBUG",
  };
  const started: Lambda[] = [];
  const reset = async () => {
    await Promise.all(started.splice(0).map((each) => each.stop()));
  };

  return {
    lambda,
    async cluster(name) {
      const policy = policyOf(parseConfig(config), name);
      await createGroups(wire, policy);
      return {
        policy,
        async start(functionName) {
          const own = {
            CLUSTER: name,
            TICK_FUNCTION: `${name}-tick`,
            POWERTOOLS_SERVICE_NAME: `gpu-autoscaler-${functionName}`,
          };
          const function_ = await startLambda(files[functionName], { ...environment, ...own });
          started.push(function_);
          return function_;
        },
        ...memoryOf(table, name, wire.clock),
        async instances() {
          const groups = policy.pools.flatMap((pool) => pool.groups);
          const instances = await Promise.all(groups.map((group) => aws.instancesOf(group.name)));
          return instances.flat().flatMap(({ InstanceId }) => InstanceId ?? []);
        },
      };
    },
    reset,
    async stop() {
      await reset();
      eks.stop();
      lambda.stop();
      table.client.destroy();
      await rm(folder, { recursive: true });
    },
  };
}

/** Everything that is not named here is as the product ships. */
function configOf({ name, capacityType = "on-demand", dryRun = false }: ClusterToDeploy) {
  return {
    name,
    region: "us-east-1",
    zones: ZONES,
    pools: [
      { name: POOL, instanceTypes: [INSTANCE_TYPE], capacityTypes: [capacityType], maxNodes: 5, dryRun },
    ],
  };
}

async function createGroups({ aws }: Wire, { pools }: Policy): Promise<void> {
  aws.setPrices({
    onDemand: { [INSTANCE_TYPE]: "0.8048000000" },
    spot: Object.fromEntries(ZONES.map((zone) => [`${INSTANCE_TYPE}/${zone}`, "0.281700"])),
  });
  for (const { name, instanceTypes, zones, maxNodes, capacityType } of pools.flatMap(
    ({ groups }) => groups,
  )) {
    const market = capacityType === "spot" ? "spot" : "on-demand";
    await aws.createGroup({ name, instanceTypes, zones, max: maxNodes, capacityType: market });
  }
}

function memoryOf(
  table: DynamoTable,
  name: string,
  clock: Wire["clock"],
): Pick<DeployedCluster, "state" | "pause" | "records"> {
  const store = createDynamoStateStore(table);
  const since = clock.now();
  return {
    state: async () => (await store.load(name))?.state ?? emptyState(name),
    pause: (isPaused) => setPaused(store, name, "*", isPaused),
    async records() {
      const records: TickRecord[] = [];
      for await (const { record, problem } of readDecisions(table, name, since, clock.now())) {
        if (record === null) throw new Error(problem);
        records.push(record);
      }
      return records;
    },
  };
}

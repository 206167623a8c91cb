import { createAlarms, createAlarmTopic } from "./alarms.ts";
import { ownPoolsOf, readConfiguration } from "./configuration.ts";
import { createDemandBus, wakeOnDemand } from "./demand.ts";
import { lookUpCluster } from "./eks-cluster.ts";
import { createGroups } from "./groups.ts";
import { createInterruption } from "./interruption.ts";
import { createMetrics } from "./metrics.ts";
import { createNetworks } from "./network.ts";
import { createNodeRole } from "./node-role.ts";
import { createTable } from "./table.ts";
import { createTick } from "./tick.ts";

/** Makes everything of the configuration, and tells what somebody needs to know of it afterwards. */
export async function deploy() {
  const config = readConfiguration();
  const clusters = await Promise.all(
    config.clusters.map(async (each) => ({ config: each, eks: await lookUpCluster(each) })),
  );
  const table = createTable();
  const topic = createAlarmTopic();
  const bus = createDemandBus();
  const workspaces = createMetrics(clusters);
  const networks = createNetworks(clusters);

  const deployed: Record<string, { tick: string; metrics: $util.Input<string> }> = {};
  for (const { config: cluster, eks } of clusters) {
    const workspace = workspaces.get(cluster.name);
    if (!workspace) throw new RangeError(`no workspace was made for ${cluster.name}`);
    const network = networks.get(cluster.name) ?? null;
    const pools = ownPoolsOf(config, cluster);
    const nodeRole = pools.length === 0 ? null : createNodeRole(eks);
    if (nodeRole) await createGroups(cluster, eks, pools, nodeRole);
    const tick = createTick({ config: cluster, cluster: eks, pools, nodeRole, table, workspace, network });
    wakeOnDemand(bus, eks, tick);
    const interruption = createInterruption({ cluster: eks, tick, table, network });
    createAlarms(cluster, eks, tick, interruption, topic);
    deployed[cluster.name] = { tick: tick.name, metrics: workspace.url };
  }
  return {
    clusters: deployed,
    table: table.name,
    demandBus: bus.name,
    alarms: topic.arn,
    keptByRemove: $app.removal === "retain" ? $interpolate`the table ${table.name}` : "nothing",
  };
}

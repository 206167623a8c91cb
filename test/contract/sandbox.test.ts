import { MINUTE_MS, type TickRecord } from "@gpu-autoscaler/core";
import { createMemoryDecisionLog, createMemoryLease, createMemoryStateStore } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aPod, aPool, matching, START } from "../builders/index.ts";
import { aWorld, pass } from "../sandbox/a-world.ts";
import { capacityContract } from "./capacity.contract.ts";
import { clusterReaderContract } from "./cluster-reader.contract.ts";
import { clusterWriterContract } from "./cluster-writer.contract.ts";
import { decisionLogContract } from "./decision-log.contract.ts";
import { leaseContract } from "./lease.contract.ts";
import { gpuMetricsContract, interruptionFeedContract, priceListContract } from "./readings.contract.ts";
import { stateStoreContract } from "./state-store.contract.ts";

const QUAD = aPool("quad", ["g6.12xlarge"]);
const ZONE = "us-east-1a";

stateStoreContract("in memory", createMemoryStateStore);

leaseContract("in memory", () => {
  let now = START;
  const lease = createMemoryLease({ now: () => now });
  return {
    lease,
    other: lease,
    outliveHolder() {
      now += 20 * MINUTE_MS;
    },
  };
});

decisionLogContract(
  "in memory",
  () => {
    const log = createMemoryDecisionLog();
    return { log, read: () => log.records };
  },
  aRecord,
);

clusterReaderContract("of the sandbox", () => {
  const budget = {
    namespace: "default",
    name: "budget",
    selector: matching({ app: "one" }),
    minAvailable: 1,
  };
  const world = aWorld([QUAD], { budgets: [budget] });
  const busy = world.verbs.addRunningNode("quad-on-demand", ZONE);
  world.verbs.submit(aPod("one").gpu(3).labelled({ app: "one" }).on(busy).build());
  world.verbs.submit(aPod("two").gpu(1).on(busy).build());
  const idle = world.verbs.addRunningNode("quad-on-demand", ZONE);
  world.verbs.submit(aPod("waiting").gpu(1).selecting({ elsewhere: "true" }).build());
  pass(world, { minutes: 1 });
  return { reader: world.ports.clusterReader, busy, idle };
});

clusterWriterContract("of the sandbox", () => {
  const taints = [{ key: "dedicated", value: "gpu", effect: "NoSchedule" } as const];
  const budget = {
    namespace: "default",
    name: "budget",
    selector: matching({ app: "web" }),
    minAvailable: 1,
  };
  const world = aWorld([aPool("quad", ["g6.12xlarge"], { taints })], { budgets: [budget] });
  const node = world.verbs.addRunningNode("quad-on-demand", ZONE);
  world.verbs.submit(aPod("free").gpu(1).ownedBy("ReplicaSet", "free").on(node).build());
  world.verbs.submit(
    aPod("protected").gpu(1).labelled({ app: "web" }).ownedBy("ReplicaSet", "web").on(node).build(),
  );
  pass(world, { minutes: 1 });
  return { writer: world.ports.clusterWriter, reader: world.ports.clusterReader, node };
});

capacityContract("of the sandbox", () => {
  const world = aWorld([aPool("small", ["g6.xlarge"], { group: { maxNodes: 10 } })], {
    capacity: [
      { zone: "us-east-1b", remaining: 2 },
      { zone: "us-east-1c", remaining: 0 },
    ],
  });
  const { capacityReader: reader, capacityWriter: writer } = world.ports;
  return { reader, writer, group: "small-on-demand", settle: () => pass(world, { minutes: 2 }) };
});

gpuMetricsContract("of the sandbox", () => {
  const world = aWorld([QUAD]);
  const node = world.verbs.addRunningNode("quad-on-demand", ZONE);
  world.verbs.submit(aPod("job").gpu(1).classed("training").build());
  pass(world, { minutes: 10 });
  return { metrics: world.ports.gpuMetrics, node };
});

priceListContract("of the sandbox", () => aWorld().ports.priceList);

interruptionFeedContract("of the sandbox", async () => {
  const world = aWorld([aPool("spot", ["g6.xlarge"], { capacityTypes: ["spot"] })]);
  const name = world.verbs.addRunningNode("spot-spot", ZONE);
  const { nodes } = await world.ports.clusterReader.readCluster();
  return {
    feed: world.ports.interruptionFeed,
    instanceId: nodes[0]?.instanceId ?? "",
    announce: () => world.verbs.announce(name, "spot-interruption"),
    take: () => pass(world, { minutes: 2 }),
  };
});

describe("clock of the sandbox", () => {
  test("tells the world's time, which moves with nothing else", () => {
    const world = aWorld();
    const { clock } = world.ports;
    expect([clock.now(), clock.now()]).toEqual([START, START]);
    pass(world, { seconds: 1 });
    expect(clock.now()).toBe(START + 1_000);
  });
});

function aRecord(decidedAt: number): TickRecord {
  return { cluster: "test", decidedAt, effects: [], demand: [], nodes: [], problems: [], outcomes: [] };
}

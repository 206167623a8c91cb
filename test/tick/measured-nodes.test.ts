import { decide, type GpuMeasurement, type Node, runTick, type Snapshot } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { aNode, aPolicy, START } from "../builders/index.ts";
import { aWorld, SMALL } from "../sandbox/a-world.ts";

const NODE = "ip-10-0-1-2.ec2.internal";

function measured(node: string, parts: Partial<GpuMeasurement> = {}): GpuMeasurement {
  return {
    node,
    pods: [],
    gpu: "GPU-0",
    lastSampleAt: START,
    lastUtilizationMilli: 500,
    meanUtilizationMilli: 500,
    coverageMilli: 1_000,
    ...parts,
  };
}

/** What a tick sees of measurements and nodes such as these. */
async function seen(nodes: readonly Node[], measurements: readonly GpuMeasurement[]) {
  const { ports } = aWorld();
  const snapshots: Snapshot[] = [];
  await runTick(
    {
      ...ports,
      clusterReader: {
        ...ports.clusterReader,
        readCluster: async () => ({ ...(await ports.clusterReader.readCluster()), nodes }),
      },
      gpuMetrics: { readMeasurements: async () => ({ at: START, measurements }) },
    },
    aPolicy([SMALL]),
    (snapshot, policy, now) => {
      snapshots.push(snapshot);
      return decide(snapshot, policy, now);
    },
  );
  const [snapshot] = snapshots;
  return {
    nodes: snapshot?.measurements.map(({ node }) => node),
    gaps: snapshot?.freshness.measurements.gaps ?? [],
  };
}

const gpuNode = (name: string) => aNode(name).gpu(1).build();

test("a host's name without the domain is the one Node's whose name begins so", async () => {
  expect(
    await seen([gpuNode(NODE), gpuNode("ip-10-0-1-20.ec2.internal")], [measured("ip-10-0-1-2")]),
  ).toEqual({
    nodes: [NODE],
    gaps: [],
  });
});

test("a host's name that two Nodes begin with is neither's", async () => {
  const nodes = [gpuNode(NODE), gpuNode("ip-10-0-1-2.us-west-2.compute.internal"), gpuNode("known")];
  const { nodes: names } = await seen(nodes, [measured("ip-10-0-1-2"), measured("known")]);
  expect(names).toEqual(["ip-10-0-1-2", "known"]);
});

test("a GPU that is told of under both names is not counted twice", async () => {
  const { nodes } = await seen([gpuNode(NODE)], [measured(NODE), measured("ip-10-0-1-2")]);
  expect(nodes).toEqual([NODE, "ip-10-0-1-2"]);
});

test("GPUs that are all measured under names of no Node are told of, with the mend", async () => {
  const { gaps } = await seen([gpuNode(NODE)], [measured("dcgm-exporter-7xk2p")]);
  expect(gaps).toEqual([expect.stringMatching(/dcgm-exporter-7xk2p.*such as ip-10-0-1-2.*the label node/)]);
});

test.each([
  ["nodes that went and have fallen silent", [gpuNode(NODE)], [measured("gone", { coverageMilli: 900 })]],
  ["a cluster without GPU nodes", [aNode("cpu").build()], [measured("gone")]],
  ["one node of two that went", [gpuNode(NODE)], [measured(NODE), measured("gone")]],
])("nothing is wrong with the names of %s", async (_, nodes, measurements) => {
  expect((await seen(nodes, measurements)).gaps).toEqual([]);
});

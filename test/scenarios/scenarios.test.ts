import { GPU, MINUTE_MS, SECOND_MS, SHARED_GPU } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aNode, aPod, aPolicy, aPool } from "../builders/index.ts";
import { play, type Scenario } from "./play.ts";

const L4 = aPool("l4", ["g6.xlarge"]);
const L4X4 = aPool("l4x4", ["g6.12xlarge"]);
const H100 = aPool("h100", ["p5.48xlarge"], { zones: ["us-east-1a"] });

/** A training pod of a Job: one GPU, two cores, 8 GiB. */
const aTrainingPod = (name: string) =>
  aPod(name).gpu(1).cpu(2).memoryGi(8).classed("training").ownedBy("Job", name);

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "while the GPUs of a new node register, no second node is launched": {
    policy: aPolicy([L4]),
    minutes: 25,
    happenings: [
      {
        atMinutes: 0.5,
        what: "a training pod comes and runs for 10 min",
        do: ({ verbs }) => verbs.submit(aTrainingPod("train").build(), { durationMs: 10 * MINUTE_MS }),
      },
    ],
  },
  "a node that serves 7 of its 8 GPUs is told of, and another is launched for the pod that needs 8": {
    policy: aPolicy([H100]),
    world: { bootFaults: [{ fault: "one-gpu-missing", remaining: 1 }] },
    minutes: 45,
    happenings: [
      {
        atMinutes: 0.5,
        what: "a pod that needs 8 GPUs comes and runs for 10 min",
        do: ({ verbs }) =>
          verbs.submit(
            aPod("big").gpu(8).cpu(16).memoryGi(64).classed("training").ownedBy("Job", "big").build(),
            {
              durationMs: 10 * MINUTE_MS,
            },
          ),
      },
    ],
  },
  "a CPU pod on an idle GPU node moves to a CPU node and the GPU node goes": {
    policy: aPolicy([L4]),
    world: { nodes: [aNode("cpu-1").build()] },
    minutes: 20,
    happenings: [
      {
        atMinutes: 0.1,
        what: "a GPU node serves, a web server of a Deployment runs on it",
        do: ({ verbs }) => {
          const name = verbs.addRunningNode("l4-on-demand", "us-east-1a");
          verbs.submit(aPod("web").cpu(1).memoryGi(1).ownedBy("ReplicaSet", "web").on(name).build());
        },
      },
    ],
  },
  "a CPU pod without a controller holds an idle GPU node": {
    policy: aPolicy([L4]),
    world: { nodes: [aNode("cpu-1").build()] },
    minutes: 15,
    happenings: [
      {
        atMinutes: 0.1,
        what: "a GPU node serves, a bare pod runs on it",
        do: ({ verbs }) => {
          const name = verbs.addRunningNode("l4-on-demand", "us-east-1a");
          verbs.submit(aPod("bare").cpu(1).memoryGi(1).on(name).build());
        },
      },
    ],
  },
  "capacity errors fall through three zones to a dearer pool within one tick, and back when capacity returns":
    {
      policy: aPolicy([L4, L4X4]),
      world: { capacity: [{ group: "l4-on-demand", remaining: 0, untilMs: 10 * MINUTE_MS }] },
      minutes: 40,
      happenings: [
        {
          atMinutes: 0.5,
          what: "a training pod comes and runs for an hour; no zone has g6.xlarge for 10 min",
          do: ({ verbs }) => verbs.submit(aTrainingPod("first").build(), { durationMs: 60 * MINUTE_MS }),
        },
        {
          atMinutes: 2,
          what: "four more come: three fit on the node that is coming, one needs another",
          do: ({ verbs }) => {
            for (const pod of aTrainingPod("more").times(4))
              verbs.submit(pod, { durationMs: 60 * MINUTE_MS });
          },
        },
        {
          atMinutes: 30,
          what: "another four come; there is g6.xlarge again",
          do: ({ verbs }) => {
            for (const pod of aTrainingPod("late").times(4))
              verbs.submit(pod, { durationMs: 60 * MINUTE_MS });
          },
        },
      ],
    },
  "a gang that fits nowhere as a whole launches nothing, and one that fits is launched whole": {
    policy: aPolicy([{ ...L4, maxNodes: 3 }]),
    minutes: 12,
    happenings: [
      {
        atMinutes: 0.5,
        what: "a gang of 4 comes where 3 nodes may be",
        do: ({ verbs }) => {
          for (const pod of aTrainingPod("wide").gang("wide", 4).times(4))
            verbs.submit(pod, { durationMs: 5 * MINUTE_MS });
        },
      },
      {
        atMinutes: 2,
        what: "a gang of 3 comes",
        do: ({ verbs }) => {
          for (const pod of aTrainingPod("fits").gang("fits", 3).times(3))
            verbs.submit(pod, { durationMs: 5 * MINUTE_MS });
        },
      },
    ],
  },
  "a gang for which a zone has too little is rolled back and launched in the next zone": {
    policy: aPolicy([L4]),
    world: { capacity: [{ zone: "us-east-1a", remaining: 2 }] },
    minutes: 8,
    happenings: [
      {
        atMinutes: 0.5,
        what: "a gang of 4 comes; us-east-1a has 2 nodes",
        do: ({ verbs }) => {
          for (const pod of aTrainingPod("gang").gang("gang", 4).times(4))
            verbs.submit(pod, { durationMs: 20 * MINUTE_MS });
        },
      },
    ],
  },
  "pools at their maximum leave pods waiting with the reason, and serve them when a node is free": {
    policy: aPolicy([{ ...L4, maxNodes: 2 }]),
    minutes: 22,
    happenings: [
      {
        atMinutes: 0.5,
        what: "three training pods come, two nodes may be",
        do: ({ verbs }) => {
          for (const pod of aTrainingPod("train").times(3)) verbs.submit(pod, { durationMs: 5 * MINUTE_MS });
        },
      },
    ],
  },
  "a storm of 2,000 pods in a minute launches a node for each, and none twice": {
    policy: aPolicy(
      [{ ...L4, maxNodes: 3000, groups: L4.groups.map((group) => ({ ...group, maxNodes: 3000 })) }],
      {
        scaleUp: { ...aPolicy([]).scaleUp, maxLaunchesPerTick: 3000 },
      },
    ),
    minutes: 20,
    happenings: Array.from({ length: 20 }, (_, i) => ({
      atMinutes: 0.5 + i / 20,
      what: "100 training pods come and run for 5 min",
      do: ({ verbs }) => {
        for (const pod of aTrainingPod(`storm-${i}`).times(100))
          verbs.submit(pod, { durationMs: 5 * MINUTE_MS });
      },
    })),
  },
  "a time-sliced pool serves four pods by one GPU, and its expected replicas count": {
    policy: aPolicy([
      aPool("shared", ["g6.xlarge"], { sharing: { kind: "time-slicing", replicas: 4, renamed: true } }),
    ]),
    minutes: 18,
    happenings: [
      {
        atMinutes: 0.5,
        what: "five pods ask for a replica each",
        do: ({ verbs }) => {
          const pod = aPod("slice").asking(SHARED_GPU, 1).cpu(0.5).memoryGi(2).ownedBy("ReplicaSet", "slice");
          for (const each of pod.times(5)) verbs.submit(each, { durationMs: 5 * MINUTE_MS });
        },
      },
    ],
  },
  "MIG pools, mixed and single, are chosen by the slices that pods ask for": {
    policy: aPolicy([
      aPool("mig-mixed", ["p4d.24xlarge"], {
        sharing: { kind: "mig", strategy: "mixed", profiles: { "1g.5gb": 2, "2g.10gb": 1, "3g.20gb": 1 } },
      }),
      aPool("mig-single", ["p4d.24xlarge"], {
        sharing: { kind: "mig", strategy: "single", profiles: { "1g.5gb": 7 } },
        taints: [{ key: "mig", value: "single", effect: "NoSchedule" }],
      }),
    ]),
    minutes: 15,
    happenings: [
      {
        atMinutes: 0.5,
        what: "nine pods ask for a 3g.20gb slice each, two for a plain GPU and tolerate mig=single",
        do: ({ verbs }) => {
          const big = aPod("3g")
            .asking("nvidia.com/mig-3g.20gb", 1)
            .cpu(1)
            .memoryGi(4)
            .ownedBy("ReplicaSet", "3g");
          for (const each of big.times(9)) verbs.submit(each, { durationMs: 4 * MINUTE_MS });
          const small = aPod("1g")
            .asking(GPU, 1)
            .cpu(1)
            .memoryGi(4)
            .tolerating("mig")
            .ownedBy("ReplicaSet", "1g");
          for (const each of small.times(2)) verbs.submit(each, { durationMs: 4 * MINUTE_MS });
        },
      },
    ],
  },
  "an adopted group is scaled from zero by what its tags say": {
    policy: aPolicy([
      aPool("adopted", [], {
        zones: ["us-east-1a"],
        group: { adopted: true, name: "theirs", instanceTypes: ["g6.12xlarge"] },
      }),
    ]),
    world: {
      groups: {
        theirs: {
          shapesUnknown: true,
          tags: {
            "k8s.io/cluster-autoscaler/node-template/resources/cpu": "47",
            "k8s.io/cluster-autoscaler/node-template/resources/memory": "170Gi",
            "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu": "4",
            "k8s.io/cluster-autoscaler/node-template/label/team": "vision",
            "k8s.io/cluster-autoscaler/node-template/taint/dedicated": "vision:NoSchedule",
            "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi": "a lot",
          },
        },
      },
    },
    minutes: 6,
    happenings: [
      {
        atMinutes: 0.5,
        what: "four pods of team vision come, and one that does not tolerate the taint",
        do: ({ verbs }) => {
          const theirs = aTrainingPod("vision")
            .selecting({ team: "vision" })
            .tolerating("dedicated", { value: "vision" });
          for (const each of theirs.times(4)) verbs.submit(each, { durationMs: 60 * MINUTE_MS });
          verbs.submit(aTrainingPod("other").build());
        },
      },
    ],
  },
  "desired capacity that nothing fills is lowered, and the group rests": {
    policy: aPolicy([
      aPool("adopted", [], {
        zones: ["us-east-1a"],
        group: { adopted: true, name: "theirs", instanceTypes: ["g6.xlarge"] },
      }),
    ]),
    world: { capacity: [{ remaining: 0, untilMs: 4 * MINUTE_MS }] },
    minutes: 12,
    happenings: [
      {
        atMinutes: 0.5,
        what: "a training pod comes; EC2 has nothing for 4 min",
        do: ({ verbs }) => verbs.submit(aTrainingPod("train").build(), { durationMs: 60 * MINUTE_MS }),
      },
    ],
  },
  "an instance that never becomes a node is ended after its time, and another is launched": {
    policy: aPolicy([L4]),
    world: { bootFaults: [{ fault: "never-registers", remaining: 1 }] },
    minutes: 25,
    happenings: [
      {
        atMinutes: 0.5,
        what: "a training pod comes; its instance will not register",
        do: ({ verbs }) => verbs.submit(aTrainingPod("train").build(), { durationMs: 60 * MINUTE_MS }),
      },
    ],
  },
  "a Spot warning cordons and evicts, and the displaced pod does not wait": {
    policy: aPolicy([aPool("l4", ["g6.xlarge"], { capacityTypes: ["spot"] })], {
      scaleUp: {
        ...aPolicy([]).scaleUp,
        pendingForMs: { high: 0, normal: 2 * MINUTE_MS, low: 10 * MINUTE_MS },
      },
      spot: { ...aPolicy([]).spot, shareMilli: 1000 },
    }),
    minutes: 12,
    happenings: [
      {
        atMinutes: 0.1,
        what: "a Spot node serves a training pod that has 30 min to run",
        do: ({ verbs }) => {
          const name = verbs.addRunningNode("l4-spot", "us-east-1a");
          verbs.submit(aTrainingPod("train").on(name).build(), { durationMs: 30 * MINUTE_MS });
        },
      },
      {
        atMinutes: 3,
        what: "EC2 announces to take the instance",
        do: async ({ verbs, ports }) => {
          const { nodes } = await ports.clusterReader.readCluster();
          verbs.announce(nodes[0]?.name ?? "", "spot-interruption");
        },
      },
    ],
  },
  "use that no pod explains keeps an empty node": {
    policy: aPolicy([L4]),
    minutes: 50,
    happenings: [
      {
        atMinutes: 0.1,
        what: "a GPU node serves without pods, something keeps its GPU 80 % busy",
        do: ({ verbs }) => verbs.setStrayLoad(verbs.addRunningNode("l4-on-demand", "us-east-1a"), 0, 800),
      },
      {
        atMinutes: 10,
        what: "metrics stop",
        do: ({ verbs }) => verbs.addMetricsOutage({ fromMs: 10 * MINUTE_MS }),
      },
    ],
  },
  "when the API server cannot be read, nothing is launched or removed, and all goes on after": {
    policy: aPolicy([L4, L4X4]),
    world: {
      faults: [
        {
          call: "readCluster",
          kind: "internal-error",
          fromMs: MINUTE_MS,
          untilMs: 4 * MINUTE_MS - SECOND_MS,
        },
      ],
    },
    minutes: 12,
    happenings: [
      {
        atMinutes: 0.1,
        what: "a GPU node serves without pods",
        do: ({ verbs }) => void verbs.addRunningNode("l4-on-demand", "us-east-1a"),
      },
      {
        atMinutes: 1.5,
        what: "a pod that needs 4 GPUs comes; the API server answers 500",
        do: ({ verbs }) => verbs.submit(aTrainingPod("quad").gpu(4).build(), { durationMs: 30 * MINUTE_MS }),
      },
    ],
  },
};

describe("scenarios, told minute by minute", () => {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    test(name, async () => {
      const file = `goldens/${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.txt`;
      await expect(await play(scenario)).toMatchFileSnapshot(file);
    });
  }
});

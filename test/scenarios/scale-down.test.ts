import { MINUTE_MS, MOVABLE_ANNOTATION } from "@gpu-autoscaler/core";
import type { World } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPool } from "../builders/index.ts";
import { play, type Scenario } from "./play.ts";

const QUAD = aPool("quad", ["g6.12xlarge"]);
const OCTO = aPool("octo", ["g6.48xlarge"]);
const SINGLE = aPool("single", ["g6.xlarge"]);

/** A replica of the Deployment "web": one GPU, half busy. */
const aReplica = (name: string) =>
  aPod(name).labelled({ app: "web" }).gpu(1).cpu(2).memoryGi(8).ownedBy("ReplicaSet", "web");

/** The only replica of a Deployment, whose owner lets it be moved. */
const aMovableServer = (name: string) =>
  aPod(name)
    .gpu(1)
    .cpu(2)
    .memoryGi(8)
    .ownedBy("ReplicaSet", name)
    .annotated({ [MOVABLE_ANNOTATION]: "true" });

const aTrainingPod = (name: string) =>
  aPod(name).gpu(1).cpu(2).memoryGi(8).classed("training").ownedBy("Job", name);

/** Replicas on two nodes of four GPUs each: so many on the first, so many on the second. */
function replicasOn(first: number, second: number, busyMilli?: number) {
  return ({ verbs }: World): void => {
    const nodes = [
      verbs.addRunningNode("quad-on-demand", "us-east-1a"),
      verbs.addRunningNode("quad-on-demand", "us-east-1b"),
    ];
    let replica = 0;
    for (const [i, count] of [first, second].entries()) {
      for (let k = 0; k < count; k++) {
        verbs.submit(
          aReplica(`web-${replica++}`)
            .on(nodes[i] ?? "")
            .build(),
          busyMilli === undefined ? {} : { busyMilli },
        );
      }
    }
  };
}

/** So that a dear pool beside a cheap one takes pods as any. */
const NEVER_CLOSED = {
  scaleDown: {
    ...aPolicy([]).scaleDown,
    closeAboveMilli: Number.POSITIVE_INFINITY,
  },
};

const SELECT_WEB = [{ key: "app", operator: "In" as const, values: ["web"] }];

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "an underused node is drained once its pods fit elsewhere, and they wait for nothing": {
    policy: aPolicy([QUAD]),
    minutes: 20,
    happenings: [
      { atMinutes: 0.1, what: "three replicas run on one node, one on another", do: replicasOn(3, 1) },
    ],
  },
  "a PodDisruptionBudget at its limit keeps an underused node": {
    policy: aPolicy([QUAD]),
    world: { budgets: [{ namespace: "default", name: "web", selector: SELECT_WEB, minAvailable: 4 }] },
    minutes: 20,
    happenings: [
      { atMinutes: 0.1, what: "three replicas run on one node, one on another", do: replicasOn(3, 1) },
    ],
  },
  "a budget of one lets a node go replica by replica": {
    policy: aPolicy([aPool("quad", ["g6.12xlarge"], { underusedAfterMs: 2 * MINUTE_MS })]),
    world: { budgets: [{ namespace: "default", name: "web", selector: SELECT_WEB, maxUnavailable: 1 }] },
    minutes: 12,
    happenings: [
      {
        atMinutes: 0.1,
        what: "seven idle replicas run on three nodes: three, two and two",
        do(world) {
          replicasOn(3, 2, 20)(world);
          const third = world.verbs.addRunningNode("quad-on-demand", "us-east-1c");
          for (const name of ["web-5", "web-6"])
            world.verbs.submit(aReplica(name).on(third).build(), { busyMilli: 20 });
        },
      },
    ],
  },
  "GPUs that measured idle let a full node go, and metrics gone stale keep the next": {
    policy: aPolicy([aPool("quad", ["g6.12xlarge"], { keepTimeMs: 60 * MINUTE_MS })]),
    world: {
      faults: [
        { call: "readMeasurements", kind: "internal-error", fromMs: 5 * MINUTE_MS, untilMs: 30 * MINUTE_MS },
      ],
    },
    minutes: 45,
    happenings: [
      { atMinutes: 0.1, what: "two idle replicas run on each of two nodes", do: replicasOn(2, 2, 20) },
    ],
  },
  "a small serving pod alone on a dear node gets a cheap one once the move pays, and the dear one goes": {
    policy: aPolicy([OCTO, SINGLE]),
    minutes: 40,
    happenings: [
      {
        atMinutes: 0.1,
        what: "a movable server runs on a node of eight GPUs",
        do({ verbs }) {
          const node = verbs.addRunningNode("octo-on-demand", "us-east-1a");
          verbs.submit(aMovableServer("server").on(node).build());
        },
      },
    ],
  },
  "a Job alone on a dear node stays there to its end": {
    policy: aPolicy([OCTO, SINGLE]),
    minutes: 40,
    happenings: [
      {
        atMinutes: 0.1,
        what: "a Job's pod runs on a node of eight GPUs",
        do({ verbs }) {
          const node = verbs.addRunningNode("octo-on-demand", "us-east-1a");
          verbs.submit(aTrainingPod("job").on(node).build());
        },
      },
    ],
  },
  "two dear nodes give way to one that costs less than both": {
    policy: aPolicy([QUAD, aPool("large", ["g6.8xlarge"])]),
    minutes: 90,
    happenings: [
      {
        atMinutes: 0.1,
        what: "three servers of 12 CPUs run on a node each, of 2 dollars an hour",
        do({ verbs }) {
          for (const name of ["one", "two", "three"]) {
            const node = verbs.addRunningNode("large-on-demand", "us-east-1a");
            verbs.submit(aMovableServer(name).cpu(12).on(node).build());
          }
        },
      },
    ],
  },
  "with 46 % of the nodes unready, neither empty nor underused nodes are removed": {
    policy: aPolicy(
      [
        aPool("quad", ["g6.12xlarge"], { underusedAfterMs: 20 * MINUTE_MS }),
        aPool("single", ["g6.xlarge"], { keepTimeMs: 20 * MINUTE_MS }),
      ],
      NEVER_CLOSED,
    ),
    minutes: 45,
    happenings: [
      {
        atMinutes: 0.1,
        what: "three replicas run on one node, one on another; eleven more nodes are empty",
        do(world) {
          replicasOn(3, 1)(world);
          for (let i = 0; i < 11; i++) world.verbs.addRunningNode("single-on-demand", "us-east-1a");
        },
      },
      {
        atMinutes: 16.5,
        what: "six of the thirteen nodes become unready",
        do: ({ verbs }) => {
          for (let i = 3; i < 9; i++) verbs.setNodeReady(`ip-10-0-0-${i}.ec2.internal`, false);
        },
      },
      {
        atMinutes: 30.5,
        what: "they are ready again",
        do: ({ verbs }) => {
          for (let i = 3; i < 9; i++) verbs.setNodeReady(`ip-10-0-0-${i}.ec2.internal`, true);
        },
      },
    ],
  },
  "demand that comes back in the middle of a drain keeps the node": {
    policy: aPolicy([QUAD]),
    world: { faults: [{ call: "evict", kind: "throttled", fromMs: 0, untilMs: 14 * MINUTE_MS }] },
    minutes: 20,
    happenings: [
      { atMinutes: 0.1, what: "three replicas run on one node, one on another", do: replicasOn(3, 1) },
      {
        atMinutes: 12.5,
        what: "a training pod that needs two GPUs comes, while evictions are throttled",
        do: ({ verbs }) => verbs.submit(aTrainingPod("train").gpu(2).build(), { durationMs: 60 * MINUTE_MS }),
      },
    ],
  },
  "a drain that never ends is undone after its time, and its node rests": {
    policy: aPolicy([QUAD]),
    world: { faults: [{ call: "evict", kind: "throttled" }] },
    minutes: 95,
    happenings: [
      { atMinutes: 0.1, what: "three replicas run on one node, one on another", do: replicasOn(3, 1) },
    ],
  },
  "a saturated server that nobody scales gets headroom once": {
    policy: aPolicy([SINGLE]),
    minutes: 60,
    happenings: [
      {
        atMinutes: 0.1,
        what: "a busy replica runs on a node",
        do({ verbs }) {
          const node = verbs.addRunningNode("single-on-demand", "us-east-1a");
          verbs.submit(aReplica("web-0").on(node).build(), { busyMilli: 950 });
        },
      },
    ],
  },
  "headroom that a second replica takes is kept anew while both are busy": {
    policy: aPolicy([SINGLE]),
    minutes: 50,
    happenings: [
      {
        atMinutes: 0.1,
        what: "a busy replica runs on a node",
        do({ verbs }) {
          const node = verbs.addRunningNode("single-on-demand", "us-east-1a");
          verbs.submit(aReplica("web-0").on(node).build(), { busyMilli: 950 });
        },
      },
      {
        atMinutes: 15.5,
        what: "the Deployment is scaled to two, as busy",
        do: ({ verbs }) => verbs.submit(aReplica("web-1").build(), { busyMilli: 900 }),
      },
    ],
  },
  "a node that cheaper ones undercut takes only pods that need it, and is gone when they end": {
    policy: aPolicy([SINGLE, QUAD]),
    minutes: 60,
    happenings: [
      {
        atMinutes: 0.5,
        what: "a training pod that needs two GPUs comes and runs for 20 min",
        do: ({ verbs }) => verbs.submit(aTrainingPod("two").gpu(2).build(), { durationMs: 20 * MINUTE_MS }),
      },
      {
        atMinutes: 10.5,
        what: "a pod of one GPU comes and runs for 40 min: two GPUs are free, but not for it",
        do: ({ verbs }) => verbs.submit(aTrainingPod("one").build(), { durationMs: 40 * MINUTE_MS }),
      },
      {
        atMinutes: 15.5,
        what: "another pod that needs two GPUs comes and runs for 15 min",
        do: ({ verbs }) => verbs.submit(aTrainingPod("next").gpu(2).build(), { durationMs: 15 * MINUTE_MS }),
      },
    ],
  },
  "one busy GPU of eight keeps the node": {
    policy: aPolicy([OCTO]),
    minutes: 20,
    happenings: [
      {
        atMinutes: 0.1,
        what: "eight replicas run on one node, one of them busy; another node has a replica and a Job",
        do({ verbs }) {
          const node = verbs.addRunningNode("octo-on-demand", "us-east-1a");
          for (let i = 0; i < 8; i++)
            verbs.submit(aReplica(`web-${i}`).on(node).build(), { busyMilli: i === 0 ? 950 : 10 });
          const other = verbs.addRunningNode("octo-on-demand", "us-east-1b");
          verbs.submit(aReplica("other").on(other).build(), { busyMilli: 500 });
          verbs.submit(aTrainingPod("train").on(other).build());
        },
      },
    ],
  },
};

describe("scenarios of nodes that are not needed, told minute by minute", () => {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    test(name, async () => {
      const file = `goldens/${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.txt`;
      await expect(await play(scenario)).toMatchFileSnapshot(file);
    });
  }
});

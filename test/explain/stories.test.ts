import {
  type Explanation,
  explainLaunchInLog,
  explainNodeInLog,
  explainPodInLog,
  explanationText,
  launchesInLog,
  launchListText,
  MINUTE_MS,
  type TickRecord,
} from "@gpu-autoscaler/core";
import type { World } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPool } from "../builders/index.ts";
import { type Play, playLog } from "./play-log.ts";

const SINGLE = aPool("single", ["g6.xlarge"]);
const QUAD = aPool("quad", ["g6.12xlarge"]);

const aTrainingPod = (name: string) =>
  aPod(name).gpu(1).cpu(2).memoryGi(8).classed("training").ownedBy("Job", name);
const aReplica = (name: string) => aPod(name).gpu(1).cpu(2).memoryGi(8).ownedBy("ReplicaSet", "web");

const submits =
  (minutes: number, ...pods: readonly ReturnType<typeof aTrainingPod>[]) =>
  ({ verbs }: World) => {
    for (const pod of pods) verbs.submit(pod.build(), { durationMs: minutes * MINUTE_MS });
  };

/** Three replicas on one node of four GPUs, one on another. */
function replicasOnTwoNodes({ verbs }: World): void {
  const first = verbs.addRunningNode("quad-on-demand", "us-east-1a");
  const second = verbs.addRunningNode("quad-on-demand", "us-east-1b");
  for (const name of ["web-0", "web-1", "web-2"]) verbs.submit(aReplica(name).on(first).build());
  verbs.submit(aReplica("web-3").on(second).build());
}

const pod = (name: string) => (records: readonly TickRecord[]) => explainPodInLog(records, `default/${name}`);
const node = (number: number) => (records: readonly TickRecord[]) =>
  explainNodeInLog(records, `ip-10-0-0-${number}.ec2.internal`);
/** By its place among all launches. */
const launch = (index: number) => (records: readonly TickRecord[]) =>
  explainLaunchInLog(records, launchesInLog(records).at(index)?.launch.effect.key ?? "");

interface Story extends Play {
  readonly of: readonly ((records: readonly TickRecord[]) => Explanation | null)[];
}

const STORIES: Readonly<Record<string, Story>> = {
  "a pod for which three zones lacked capacity, and the dearer node that it got": {
    policy: aPolicy([SINGLE, QUAD]),
    world: { capacity: [{ group: "single-on-demand", remaining: 0, untilMs: 10 * MINUTE_MS }] },
    minutes: 30,
    happenings: { 0.5: submits(15, aTrainingPod("train")) },
    of: [pod("train"), launch(-1), node(1)],
  },
  "a pod that waits for a pool at its maximum, until another has ended": {
    policy: aPolicy([{ ...SINGLE, maxNodes: 1 }]),
    minutes: 40,
    happenings: { 0.5: submits(10, aTrainingPod("first")), 2: submits(10, aTrainingPod("second")) },
    of: [pod("second"), node(1)],
  },
  "a pod that fits nowhere": {
    policy: aPolicy([SINGLE, QUAD]),
    minutes: 5,
    happenings: { 0.5: submits(10, aTrainingPod("vast").gpu(8)) },
    of: [pod("vast")],
  },
  "a Spot node that EC2 takes back": {
    policy: aPolicy([aPool("single", ["g6.xlarge"], { capacityTypes: ["spot", "on-demand"] })]),
    minutes: 20,
    happenings: {
      0.5: submits(60, aTrainingPod("train")),
      8: ({ verbs }) => verbs.announce("ip-10-0-0-1.ec2.internal", "spot-interruption"),
    },
    of: [pod("train"), node(1), launch(0), launch(1)],
  },
  "an underused node whose pods move": {
    policy: aPolicy([QUAD]),
    minutes: 20,
    happenings: { 0.1: replicasOnTwoNodes },
    of: [node(2), pod("web-3")],
  },
  "a drain that is undone, and rests": {
    policy: aPolicy([QUAD]),
    world: { faults: [{ call: "evict", kind: "throttled" }] },
    minutes: 60,
    happenings: { 0.1: replicasOnTwoNodes },
    of: [node(2), pod("web-3")],
  },
  "a node that is kept free for a busy server": {
    policy: aPolicy([SINGLE]),
    minutes: 60,
    happenings: {
      0.1: ({ verbs }) => {
        const name = verbs.addRunningNode("single-on-demand", "us-east-1a");
        verbs.submit(aReplica("web-0").on(name).build(), { busyMilli: 950 });
      },
    },
    of: [launch(0), node(2)],
  },
  "a gang for which a zone has too little": {
    policy: aPolicy([SINGLE, QUAD]),
    world: { capacity: [{ zone: "us-east-1a", remaining: 2 }] },
    minutes: 12,
    happenings: {
      0.5: submits(8, ...[0, 1, 2].map((at) => aTrainingPod(`gang-${at}`).gang("gang", 3))),
    },
    of: [pod("gang-1"), launch(0), launch(-1)],
  },
  "a small pod that rides along on the node of a large one": {
    policy: aPolicy([SINGLE, QUAD]),
    minutes: 12,
    happenings: { 0.5: submits(8, aTrainingPod("three").gpu(3), aTrainingPod("rider")) },
    of: [pod("rider"), launch(0)],
  },
};

describe("stories that a decision log tells of pods, nodes and launches", () => {
  for (const [name, story] of Object.entries(STORIES)) {
    test(name, async () => {
      const { records } = await playLog(story);
      const told = story.of.map((explain) => {
        const explanation = explain(records);
        if (!explanation) throw new Error("the log does not know what it is asked about");
        return explanationText(explanation);
      });
      const file = `goldens/${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.txt`;
      await expect(
        `${told.join("\n")}\nall launches\n${launchListText(launchesInLog(records))}`,
      ).toMatchFileSnapshot(file);
    });
  }
});

import { expect, test } from "vitest";
import type { Pod } from "../../packages/core/src/model/pod.ts";
import { aNode, aPod, inZone } from "../builders/index.ts";
import { misfits } from "./misfits.ts";

const node = aNode("here").inZone("a").build();
const web = aPod("web").onHostPort(80);

const cases: Record<string, { pod: Pod; placed?: Pod[]; want: string[] }> = {
  "a port that nobody has is free": { pod: web.build(), want: [] },
  "a port that another pod of the node has is taken": {
    pod: web.build(),
    placed: [aPod().onHostPort(80).on("here").build()],
    want: ["HostPortConflict: 80/TCP"],
  },
  "the same port of another protocol is free": {
    pod: web.build(),
    placed: [aPod().onHostPort(80, { protocol: "UDP" }).on("here").build()],
    want: [],
  },
  "the same port of another address is free": {
    pod: aPod().onHostPort(80, { hostIp: "10.0.0.1" }).build(),
    placed: [aPod().onHostPort(80, { hostIp: "10.0.0.2" }).on("here").build()],
    want: [],
  },
  "the same port of the same address is taken": {
    pod: aPod().onHostPort(80, { hostIp: "10.0.0.1" }).build(),
    placed: [aPod().onHostPort(80, { hostIp: "10.0.0.1" }).on("here").build()],
    want: ["HostPortConflict: 10.0.0.1:80/TCP"],
  },
  "a port of every address takes that of each": {
    pod: aPod().onHostPort(80, { hostIp: "10.0.0.1" }).build(),
    placed: [web.on("here").build()],
    want: ["HostPortConflict: 10.0.0.1:80/TCP"],
  },
  "an empty address is every address": {
    pod: aPod().onHostPort(80, { hostIp: "" }).build(),
    placed: [aPod().onHostPort(80, { hostIp: "10.0.0.1" }).on("here").build()],
    want: ["HostPortConflict: 80/TCP"],
  },
  "one of several ports that is taken is one too many": {
    pod: web.onHostPort(443).build(),
    placed: [aPod().onHostPort(443).on("here").build()],
    want: ["HostPortConflict: 443/TCP"],
  },
  "a volume of the node's zone is reached": { pod: aPod().withVolumeIn("a").build(), want: [] },
  "a volume of another zone is not": {
    pod: aPod().withVolumeIn("b").build(),
    want: ["VolumeZoneConflict: a volume is reached only from topology.kubernetes.io/zone=b"],
  },
  "every volume has to be reached": {
    pod: aPod().withVolumeIn("a").withVolumeIn("c").build(),
    want: ["VolumeZoneConflict: a volume is reached only from topology.kubernetes.io/zone=c"],
  },
  "a volume of several zones is reached from each": {
    pod: aPod()
      .with({ volumeTopologies: [[...inZone("b"), ...inZone("a")]] })
      .build(),
    want: [],
  },
};

test.each(Object.entries(cases))("%s", (_, { pod, placed = [], want }) => {
  const found = misfits(pod, node, { placed });
  expect(found.map(({ code, detail }) => `${code}: ${detail}`)).toEqual(want);
});

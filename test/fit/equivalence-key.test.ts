import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equivalenceKey, hasSameSpec, labelKeysLookedAt } from "../../packages/core/src/fit/index.ts";
import type { PodSpec } from "../../packages/core/src/model/pod.ts";
import { aPod, inZone, type PodBuilder } from "../builders/index.ts";
import { world } from "./worlds.ts";

const pod = aPod()
  .labelled({ app: "web", tier: "gold" })
  .selecting({ pool: "a", zone: "b" })
  .gpu(1)
  .asking("example.com/nic", 1);

describe("pods are equivalent", () => {
  const cases: Record<string, PodBuilder> = {
    "whatever their names, owners, annotations and state": pod
      .named("other")
      .ownedBy("Job", "train")
      .annotated({ a: "b" })
      .createdAt(5)
      .on("node"),
    "whatever the order of their labels": pod.with({ labels: { tier: "gold", app: "web" } }),
    "whatever the order of their node selector": pod.with({ nodeSelector: { zone: "b", pool: "a" } }),
    "whatever the order of the resources that they ask for": pod.with({
      requests: { ...pod.build().requests, extended: { "example.com/nic": 1, "nvidia.com/gpu": 1 } },
    }),
    "when one asks for 0 of what the other does not name": pod.asking("example.com/tpu", 0),
    "when one asks for 0 of what the other does not name, in order": pod.with({
      requests: {
        ...pod.build().requests,
        extended: { "example.com/nic": 1, "example.com/tpu": 0, "nvidia.com/gpu": 1 },
      },
    }),
  };
  test.each(Object.entries(cases))("%s", (_, other) => {
    expect(equivalenceKey(other.build())).toBe(equivalenceKey(pod.build()));
  });
});

describe("pods differ", () => {
  const cases: Record<string, PodBuilder> = {
    "in namespace": pod.inNamespace("lab"),
    "in priority": pod.priority(1),
    "in labels": pod.labelled({ app: "api" }),
    "in one label more": pod.labelled({ extra: "" }),
    "in CPU": pod.cpu(1),
    "in memory": pod.memoryGi(1),
    "in disk": pod.ephemeralStorageGi(1),
    "in GPUs": pod.gpu(2),
    "in node selector": pod.selecting({ pool: "b" }),
    "in node affinity": pod.requiring({ key: "a", operator: "Exists", values: [] }),
    "in node affinity without any term": pod.with({ nodeAffinity: [] }),
    "in node affinity with an empty term": pod.requiring(),
    "in node affinity with an empty value": pod.requiring({ key: "a", operator: "In", values: [""] }),
    "in node affinity without a value": pod.requiring({ key: "a", operator: "In", values: [] }),
    "in node affinity by field": pod.requiringNodeNamed("a"),
    "in tolerations": pod.tolerating("gpu"),
    "in the effect of a toleration": pod.tolerating("gpu", { effect: "NoExecute" }),
    "in affinity": pod.near({ app: "web" }, "zone"),
    "in anti-affinity": pod.awayFrom({ app: "web" }, "zone"),
    "in the namespaces of a term": pod.near({ app: "web" }, "zone", { namespaces: ["lab"] }),
    "in an empty namespace selector": pod.near({ app: "web" }, "zone", { namespaceSelector: [] }),
    "in a missing selector": pod.near({}, "zone", { selector: null }),
    "in an empty selector": pod.near({}, "zone"),
    "in topology spread": pod.spreadOver("zone"),
    "in skew": pod.spreadOver("zone", { maxSkew: 2 }),
    "in minDomains": pod.spreadOver("zone", { minDomains: 2 }),
    "in matchLabelKeys": pod.spreadOver("zone", { matchLabelKeys: ["app"] }),
    "in the policy for affinity": pod.spreadOver("zone", { nodeAffinityPolicy: "Ignore" }),
    "in the policy for taints": pod.spreadOver("zone", { nodeTaintsPolicy: "Honor" }),
    "in host ports": pod.onHostPort(80),
    "in the protocol of a port": pod.onHostPort(80, { protocol: "UDP" }),
    "in volumes": pod.withVolumeIn("a"),
    "in the number of volumes": pod.withVolumeIn("a").withVolumeIn("b"),
    "in the zones of one volume": pod.with({ volumeTopologies: [[...inZone("a"), ...inZone("b")]] }),
  };
  test.each(Object.entries(cases))("%s", (_, other) => {
    expect(equivalenceKey(other.build())).not.toBe(equivalenceKey(pod.build()));
    expect(hasSameSpec(other.build(), pod.build())).toBe(false);
    expect(hasSameSpec(pod.build(), other.build())).toBe(false);
    const rest = Object.values(cases).filter((another) => another !== other);
    const keys = rest.map((another) => equivalenceKey(another.build()));
    expect(keys).not.toContain(equivalenceKey(other.build()));
  });
});

test("keys are equal where all that scheduling looks at is equal, and nowhere else", () => {
  const pods = fc
    .tuple(world("everything"), world("everything"))
    .map(([a, b]) => [...a.incoming, ...b.placed]);
  fc.assert(
    fc.property(pods, (some) => {
      for (const a of some) {
        for (const b of some) {
          expect(equivalenceKey(a) === equivalenceKey(b)).toBe(canonical(a) === canonical(b));
        }
      }
    }),
    { numRuns: 50 },
  );
});

test("copies have the same spec, and pods that have it are equivalent", () => {
  let same = 0;
  fc.assert(
    fc.property(world("everything"), ({ incoming, placed }) => {
      const pods = [...incoming, ...placed];
      for (const a of pods) {
        expect(hasSameSpec(a, structuredClone(a))).toBe(true);
        for (const b of pods) {
          if (a === b || !hasSameSpec(a, b)) continue;
          same++;
          expect(equivalenceKey(a)).toBe(equivalenceKey(b));
        }
      }
    }),
    { numRuns: 100 },
  );
  expect(same).toBeGreaterThan(0);
});

/** Slow and plain: JSON of what scheduling looks at, with maps in order and without zeros. */
function canonical(spec: PodSpec): string {
  const ordered = (map: Readonly<Record<string, string | number>>) =>
    Object.entries(map)
      .filter(([, value]) => value !== 0)
      .sort(([x], [y]) => (x < y ? -1 : 1));
  const { namespace, labels, priority, requests, nodeSelector, nodeAffinity, tolerations } = spec;
  const { podAffinity, podAntiAffinity, topologySpread, hostPorts, volumeTopologies } = spec;
  return JSON.stringify([
    [namespace, priority, ordered(labels), ordered(nodeSelector), nodeAffinity, tolerations],
    [requests.cpuMilli, requests.memoryBytes, requests.ephemeralStorageBytes, ordered(requests.extended)],
    [podAffinity, podAntiAffinity, topologySpread, hostPorts, volumeTopologies],
  ]);
}

test("labels that no selector looks at make no difference when they are left out", () => {
  const worker = aPod().labelled({ app: "train", "batch.kubernetes.io/job-completion-index": "0" });
  const next = worker.labelled({ "batch.kubernetes.io/job-completion-index": "1" });
  const other = worker.labelled({ app: "web" });
  const looking = aPod().awayFrom({ app: "train" }, "zone").build();
  const keys = labelKeysLookedAt([looking, worker.build(), next.build()]);
  expect(keys).toEqual(new Set(["app"]));
  expect(equivalenceKey(worker.build(), keys)).toBe(equivalenceKey(next.build(), keys));
  expect(equivalenceKey(worker.build(), keys)).not.toBe(equivalenceKey(other.build(), keys));
});

test("labels are looked at by affinity, anti-affinity, topology spread and its matchLabelKeys", () => {
  const spec = aPod()
    .near({ near: "1" }, "zone")
    .awayFrom({ away: "1" }, "zone")
    .labelled({ self: "1" })
    .spreadOver("zone", { matchLabelKeys: ["revision"] })
    .build();
  expect([...labelKeysLookedAt([spec])].sort()).toEqual(["away", "near", "revision", "self"]);
});

test("numbers as label keys do not upset the order", () => {
  const one = aPod().labelled({ "10": "a", "2": "b", "1": "c" }).build();
  const two = aPod().labelled({ "2": "b", "1": "c", "10": "a" }).build();
  expect(equivalenceKey(one)).toBe(equivalenceKey(two));
});

import { decide, type GpuMeasurement, type Pod, SECOND_MS } from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { aPod, aPolicy, aPool, aPoolNode, aSnapshot, START } from "../builders/index.ts";
import { runs } from "./runs.ts";

const GPUS = 4;
const pool = aPool("quad", ["g6.12xlarge"], { underusedAfterMs: 0 });
const policy = aPolicy([pool]);
const { underusedUtilizationMilli } = policy.scaleDown;

/** What is told of a GPU; null for nothing. */
type Told = Pick<GpuMeasurement, "coverageMilli" | "meanUtilizationMilli"> & {
  readonly names: "its pod" | "nobody" | "a pod that has gone";
};

const idle: Told = { coverageMilli: 1_000, meanUtilizationMilli: 199, names: "its pod" };
const told: fc.Arbitrary<Told | null> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(idle) },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant({ ...idle, coverageMilli: 999 }) },
  { weight: 1, arbitrary: fc.constant({ ...idle, meanUtilizationMilli: 200 }) },
  { weight: 1, arbitrary: fc.constant({ ...idle, names: "nobody" }) },
  { weight: 1, arbitrary: fc.constant({ ...idle, names: "a pod that has gone" }) },
  { weight: 1, arbitrary: fc.constant({ ...idle, meanUtilizationMilli: 950, names: "a pod that has gone" }) },
);

/** Of each of a node's GPUs, and GPUs of the pods that hold them from the first on: at least half of all. */
const situation = fc.record({
  gpus: fc.array(told, { minLength: GPUS, maxLength: GPUS }),
  pods: fc.constantFrom([1, 1], [2], [1, 1, 1], [1, 2], [2, 1], [1, 1, 1, 1], [2, 2], [1, 2, 1]),
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

const replica = (name: string, gpus: number) =>
  aPod(name).labelled({ app: "web" }).gpu(gpus).cpu(0.5).ownedBy("ReplicaSet", "web");

/** The node, and two others with room for its pods, which stay for their Jobs. */
function isDrained({ gpus, pods }: Situation): boolean {
  const held = pods.map((count, i) => replica(`web-${i}`, count).on("node").build());
  const jobs = ["a", "b"].map((name) => aPod(name).gpu(1).cpu(1).ownedBy("Job", name).on(name).build());
  const other = replica("web-elsewhere", 1).on("a").build();
  const nodes = ["node", "a", "b"].map((name) => aPoolNode(pool, name).build());
  const measurements = gpus.flatMap((each, i) => (each ? measured(each, i, holderOf(i, held)) : []));
  const snapshot = aSnapshot(policy, { nodes, pods: [...held, ...jobs, other], measurements });
  const { effects } = decide(snapshot, policy, START);
  return effects.some((effect) => effect.kind === "EvictPod" && effect.node === "node");
}

function holderOf(gpu: number, held: readonly Pod[]): string | null {
  const holders = held.flatMap(({ namespace, name, requests }) =>
    Array.from({ length: requests.extended["nvidia.com/gpu"] ?? 0 }, () => `${namespace}/${name}`),
  );
  return holders[gpu] ?? null;
}

function measured({ names, ...of }: Told, gpu: number, holder: string | null): GpuMeasurement {
  const pods = { "its pod": holder ? [holder] : [], nobody: [], "a pod that has gone": ["default/gone"] }[
    names
  ];
  const lastSampleAt = START - 30 * SECOND_MS;
  return { node: "node", gpu: `GPU-${gpu}`, pods, lastSampleAt, lastUtilizationMilli: 0, ...of };
}

/** Every GPU was measured without a gap and found idle, and each that pods hold names its pod. */
function isKnownIdle({ gpus, pods }: Situation): boolean {
  const held = pods.reduce((sum, each) => sum + each, 0);
  return gpus.every((each, i) => {
    const isIdle = each?.coverageMilli === 1_000 && each.meanUtilizationMilli < underusedUtilizationMilli;
    return isIdle && (i >= held || each.names === "its pod");
  });
}

test("a node whose GPUs are asked for is drained only where each of them is known to be idle", () => {
  let drained = 0;
  fc.assert(
    fc.property(situation, (each) => {
      const isGoing = isDrained(each);
      if (isGoing) drained++;
      expect(isGoing).toBe(isKnownIdle(each));
    }),
    runs(400),
  );
  expect(drained).toBeGreaterThan(80);
});

test("what nobody measures any more never starts a drain", () => {
  let withheld = 0;
  fc.assert(
    fc.property(situation, fc.array(fc.boolean(), { minLength: GPUS, maxLength: GPUS }), (each, lost) => {
      const fewer = { ...each, gpus: each.gpus.map((gpu, i) => (lost[i] ? null : gpu)) };
      if (isDrained(each)) withheld++;
      else expect(isDrained(fewer)).toBe(false);
    }),
    runs(300),
  );
  expect(withheld).toBeLessThan(300);
});

/** Four replicas share the node's GPU; of them, the exporter names the first so many. */
test.each([
  { named: 4, drained: true },
  { named: 3, drained: false },
])("a shared GPU that is idle: $named of four pods are known to hold it", ({ named, drained }) => {
  const shared = aPool("shared", ["g6.xlarge"], {
    underusedAfterMs: 0,
    sharing: { kind: "time-slicing", replicas: 8, renamed: false },
  });
  const sharing = aPolicy([shared]);
  const names = ["web-0", "web-1", "web-2", "web-3"];
  const pods = names.map((name) => replica(name, 1).on("node").build());
  const job = aPod("job").gpu(1).cpu(0.1).ownedBy("Job", "job").on("other").build();
  const nodes = ["node", "other"].map((name) => aPoolNode(shared, name).build());
  const holders = pods.slice(0, named).map(({ namespace, name }) => `${namespace}/${name}`);
  const measurement = { ...measured(idle, 0, null), pods: holders };
  const snapshot = aSnapshot(sharing, { nodes, pods: [...pods, job], measurements: [measurement] });
  const { effects } = decide(snapshot, sharing, START);
  expect(effects.some((effect) => effect.kind === "EvictPod" && effect.node === "node")).toBe(drained);
});

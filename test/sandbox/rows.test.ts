import { CLASS_LABEL, GPU, HOUR_MS, MINUTE_MS, SHARED_GPU } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPool } from "../builders/index.ts";
import { aRow, aWorld, launch, nodesOf, pass, podNamed, podsOf, QUAD, SMALL, ZONE } from "./a-world.ts";

const DAY_MS = 24 * HOUR_MS;

describe("the pod of a row", () => {
  test("asks for what the row says, with class, priority and owner", async () => {
    const rows = [
      aRow("train", { priority: "low", gpus: 2 }),
      aRow("serve", { class: "serving", priority: "high" }),
      aRow("later", { submitMs: MINUTE_MS }),
    ];
    const world = aWorld([QUAD], { rows });
    pass(world, {});
    expect((await podsOf(world)).map((pod) => pod.name)).toEqual(["train", "serve"]);
    expect(await podNamed(world, "train")).toMatchObject({
      namespace: "team",
      labels: { [CLASS_LABEL]: "training", "gpu-autoscaler.io/priority": "low" },
      priority: -5,
      owner: { kind: "Job", name: "train" },
      requests: { cpuMilli: 1_000, memoryBytes: 1024 ** 3, pods: 1, extended: { [GPU]: 2 } },
    });
    expect(await podNamed(world, "serve")).toMatchObject({ priority: 1_000, owner: { kind: "ReplicaSet" } });
    pass(world, { minutes: 1 });
    expect(await podNamed(world, "later")).toMatchObject({ createdAt: world.now });
  });

  test("asks a shared pool for its share, and tolerates what the pools are tainted with", async () => {
    const taints = [{ key: "team", value: "a", effect: "NoExecute" } as const];
    const sharing = { kind: "time-slicing", replicas: 4, renamed: true } as const;
    const pools = [SMALL, aPool("shared", ["g6.xlarge"], { sharing, taints })];
    const world = aWorld(pools, {
      rows: [aRow("share", { gpuMilli: 300 }), aRow("whole", { gpuMilli: 600 })],
    });
    world.verbs.addRunningNode("shared-on-demand", ZONE);
    pass(world, {});
    expect(await podNamed(world, "share")).toMatchObject({
      requests: { extended: { [SHARED_GPU]: 2 } },
      phase: "Running",
    });
    expect(await podNamed(world, "whole")).toMatchObject({
      requests: { extended: { [GPU]: 1 } },
      phase: "Pending",
    });
  });

  test("goes to nodes of the GPU models that it names, unless any will do", async () => {
    const rows = [aRow("row", { gpuModels: ["a100", "h100"] })];
    const picky = aWorld([SMALL], { rows });
    expect(picky.result().rows[0]?.infeasible).toMatchObject([
      { pool: "small", reasons: [{ code: "NodeAffinityMismatch" }] },
    ]);
    const easy = aWorld([SMALL], { rows, anyGpuModel: true });
    expect(easy.result().rows[0]?.infeasible).toBeNull();
    const matching = aWorld([SMALL], { rows: [aRow("row", { gpuModels: ["l4"] })] });
    matching.verbs.addRunningNode("small-on-demand", ZONE);
    pass(matching, {});
    expect(await podNamed(matching, "row")).toMatchObject({ phase: "Running" });
  });

  test("of a gang says how many rows the gang has", async () => {
    const rows = ["a", "b", "c"].map((name) => aRow(name, { gang: "g", gpus: 4 }));
    const world = aWorld([QUAD], { rows: [...rows, aRow("d", { gang: "g", namespace: "other" })] });
    pass(world, {});
    const sizes = (await podsOf(world)).map((pod) => pod.annotations["gpu-autoscaler.io/gang-size"]);
    expect(sizes).toEqual(["3", "3", "3", "1"]);
  });
});

describe("a run", () => {
  test("ends when every row that can has run to its end, and says how long each waited", async () => {
    const rows = [aRow("one"), aRow("two", { submitMs: MINUTE_MS }), aRow("huge", { gpus: 8 })];
    const world = aWorld([SMALL], { rows });
    pass(world, { minutes: 2 });
    world.verbs.addRunningNode("small-on-demand", ZONE);
    pass(world, { minutes: 10 });
    expect([world.finished, world.progress]).toEqual([false, 0.5]);
    pass(world, { minutes: 10 });
    expect([world.finished, world.progress]).toEqual([true, 1]);
    expect(world.result().rows).toMatchObject([
      { status: "ended", pod: null, waitMs: 2 * MINUTE_MS, infeasible: null },
      { status: "ended", pod: null, waitMs: 11 * MINUTE_MS, infeasible: null },
      { status: "waiting", pod: "team/huge", waitMs: 22 * MINUTE_MS, infeasible: [{ pool: "small" }] },
    ]);
  });

  test("counts the pull of the image as waiting", async () => {
    const world = aWorld([SMALL], { rows: [aRow("row")] });
    await launch(world, "small-on-demand");
    pass(world, { minutes: 15 });
    const [row] = world.result().rows;
    expect(row?.status).toBe("ended");
    expect(row?.waitMs).toBeGreaterThanOrEqual(150_000);
    expect(row?.waitMs).toBeLessThanOrEqual(300_000);
  });

  test("names what each pool lacks for a row that no pool can take", () => {
    const pools = [SMALL, QUAD, aPool("none", ["g6.48xlarge"], { group: { maxNodes: 0 } })];
    const rows = [aRow("huge", { gpus: 5, cpuMilli: 200_000 })];
    const reasons = aWorld(pools, { rows }).result().rows[0]?.infeasible;
    const codes = reasons?.map(({ pool, reasons }) => [pool, ...reasons.map((each) => each.code)]);
    expect(codes).toEqual([
      ["small", "InsufficientCpu", "InsufficientExtendedResource"],
      ["quad", "InsufficientCpu", "InsufficientExtendedResource"],
      ["none", "NodeGroupMaxSizeReached"],
    ]);
  });

  test("knows a gang that no zone can ever take, and one of which a pod cannot run", () => {
    const pool = aPool("quad", ["g6.12xlarge"], { group: { maxNodes: 2 } });
    const rows = [
      ...["a", "b", "c"].map((name) => aRow(name, { gang: "large", gpus: 4 })),
      ...["d", "e"].map((name) => aRow(name, { gang: "fits", gpus: 4 })),
      aRow("f", { gang: "broken" }),
      aRow("g", { gang: "broken", gpus: 5 }),
    ];
    const codes = aWorld([pool], { rows })
      .result()
      .rows.map((row) => row.infeasible?.[0]?.reasons[0]?.code ?? null);
    const [large, broken] = ["GangDoesNotFit", "InsufficientExtendedResource"];
    expect(codes).toEqual([large, large, large, null, null, broken, broken]);
  });

  test("gives up two days after the last row moved, while rows wait that nobody serves", async () => {
    const world = aWorld([SMALL], { rows: [aRow("served"), aRow("forgotten")] });
    world.verbs.addRunningNode("small-on-demand", ZONE);
    pass(world, { minutes: 5 });
    expect(world.stagnatesAt).toBe(Number.POSITIVE_INFINITY);
    const [node] = await nodesOf(world);
    const taint = { key: "x", value: "", effect: "NoSchedule" } as const;
    await world.ports.clusterWriter.cordon(node?.name ?? "", node?.resourceVersion ?? "", taint, "NodeEmpty");
    pass(world, { minutes: 6 });
    const lastMove = world.now - MINUTE_MS;
    expect(world.stagnatesAt).toBe(lastMove + 2 * DAY_MS);
    world.advanceTo(world.stagnatesAt - 1);
    expect(world.finished).toBe(false);
    world.advanceTo(world.stagnatesAt);
    expect(world.finished).toBe(true);
    expect(world.result().rows.map((row) => row.status)).toEqual(["ended", "waiting"]);
  });
});

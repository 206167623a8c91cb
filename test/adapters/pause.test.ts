import { setPaused } from "@gpu-autoscaler/adapters";
import { emptyState, type StateStore } from "@gpu-autoscaler/core";
import { createMemoryStateStore } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";

describe("pausing", () => {
  test("a pool, then the cluster, and resuming the pool", async () => {
    const store = createMemoryStateStore();
    expect(await setPaused(store, "one", "training", true)).toEqual(["training"]);
    expect(await setPaused(store, "one", "*", true)).toEqual(["*", "training"]);
    expect(await setPaused(store, "one", "training", false)).toEqual(["*"]);
    expect((await store.load("one"))?.state).toEqual({ ...emptyState("one"), paused: ["*"] });
  });

  test("what is paused already writes nothing", async () => {
    const store = createMemoryStateStore();
    await setPaused(store, "one", "training", true);
    await setPaused(store, "one", "training", true);
    expect((await store.load("one"))?.version).toBe(1);
  });

  test("beside a tick that writes meanwhile keeps what that wrote", async () => {
    const memory = createMemoryStateStore();
    await memory.save(emptyState("one"), 0);
    const store = beforeFirstSave(memory, () =>
      memory.save({ ...emptyState("one"), reasonsDigest: "tick" }, 1),
    );
    await setPaused(store, "one", "training", true);
    expect((await memory.load("one"))?.state).toMatchObject({ reasonsDigest: "tick", paused: ["training"] });
  });
});

function beforeFirstSave(store: StateStore, happens: () => Promise<unknown>): StateStore {
  let isFirst = true;
  return {
    load: store.load,
    async save(state, expected) {
      if (isFirst) await happens();
      isFirst = false;
      return store.save(state, expected);
    },
  };
}

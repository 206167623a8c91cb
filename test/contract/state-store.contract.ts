import { type ControllerState, emptyState, type StateStore } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";

/** Every state store keeps to this. `makeStore` gives an empty one. */
export function stateStoreContract(name: string, makeStore: () => StateStore | Promise<StateStore>): void {
  describe(`state store: ${name}`, () => {
    const state: ControllerState = {
      ...emptyState("one"),
      paused: ["pool"],
      emptySince: { "i-1": 1_767_225_600_000 },
      launches: {
        key: {
          group: "group",
          zone: "us-east-1a",
          count: 2,
          createdAt: 1_767_225_600_000,
          gang: null,
          pods: [],
          instances: null,
        },
      },
    };

    test("has nothing of a cluster that was never saved", async () => {
      expect(await (await makeStore()).load("one")).toBeNull();
    });

    test("gives back what was saved, under versions that grow", async () => {
      const store = await makeStore();
      const first = await store.save(state, 0);
      expect(await store.load("one")).toEqual({ state, version: first });
      const changed = { ...state, paused: [] };
      const second = await store.save(changed, first ?? -1);
      expect(second).toBeGreaterThan(first ?? 0);
      expect(await store.load("one")).toEqual({ state: changed, version: second });
    });

    test("writes nothing when somebody else wrote meanwhile", async () => {
      const store = await makeStore();
      const first = (await store.save(state, 0)) ?? -1;
      const theirs = { ...state, paused: ["theirs"] };
      const second = await store.save(theirs, first);
      expect(await store.save({ ...state, paused: ["ours"] }, first)).toBeNull();
      expect(await store.load("one")).toEqual({ state: theirs, version: second });
    });

    test("writes a first version once", async () => {
      const store = await makeStore();
      expect(await store.save(state, 0)).not.toBeNull();
      expect(await store.save(state, 0)).toBeNull();
    });

    test("writes no later version of what is not there", async () => {
      const store = await makeStore();
      expect(await store.save(state, 7)).toBeNull();
      expect(await store.load("one")).toBeNull();
    });

    test("keeps clusters apart", async () => {
      const store = await makeStore();
      await store.save(state, 0);
      expect(await store.load("two")).toBeNull();
      expect(await store.save(emptyState("two"), 0)).not.toBeNull();
      expect((await store.load("one"))?.state).toEqual(state);
    });
  });
}

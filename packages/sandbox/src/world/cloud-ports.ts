import type {
  CapacityReader,
  CapacityWriter,
  GpuMetrics,
  InterruptionFeed,
  PriceList,
} from "@gpu-autoscaler/core";
import { remembered } from "./cluster-ports.ts";
import { setDesiredCapacity, statusesOf, terminateInstances } from "./groups.ts";
import { launchInstances } from "./launch.ts";
import { createMeasurements } from "./measurements.ts";
import type { FaultyCall } from "./options.ts";
import { carryOut } from "./script.ts";
import type { WorldState } from "./state.ts";

/** Groups in the order of the configuration, their instances in that of their launch. */
export function createCapacityReader(world: WorldState): CapacityReader {
  const groups = remembered(
    () => world.changes.groups,
    () => statusesOf(world),
  );
  return {
    async readGroups() {
      return call(world, "readGroups", () => ({ at: world.events.now, groups: groups() }));
    },
  };
}

export function createCapacityWriter(world: WorldState): CapacityWriter {
  return {
    async launchInstances(request) {
      return call(world, "launchInstances", () => launchInstances(world, request));
    },
    async setDesiredCapacity(group, desired) {
      call(world, "setDesiredCapacity", () => setDesiredCapacity(world, group, desired));
    },
    async terminateInstances(group, instanceIds) {
      call(world, "terminateInstances", () => terminateInstances(world, group, instanceIds));
    },
  };
}

export function createGpuMetrics(world: WorldState): GpuMetrics {
  const measurements = createMeasurements(world);
  return {
    async readMeasurements() {
      return call(world, "readMeasurements", () => ({ at: world.events.now, measurements: measurements() }));
    },
  };
}

export function createPriceList(world: WorldState): PriceList {
  return {
    async readPrices() {
      return call(world, "readPrices", () => ({ at: world.events.now, prices: world.options.prices }));
    },
  };
}

/** In order of notice. */
export function createInterruptionFeed(world: WorldState): InterruptionFeed {
  const interruptions = remembered(
    () => world.changes.interruptions,
    () => [...world.interruptions.values()],
  );
  return {
    async readInterruptions() {
      return call(world, "readInterruptions", () => ({
        at: world.events.now,
        interruptions: interruptions(),
      }));
    },
  };
}

function call<T>({ script, events }: WorldState, name: FaultyCall, run: () => T): T {
  return carryOut(script, name, events.now, run);
}

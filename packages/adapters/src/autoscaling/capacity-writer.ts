import type { CapacityWriter } from "@gpu-autoscaler/core";
import type { AutoScaling } from "./auto-scaling.ts";
import { setDesiredCapacity } from "./desired-capacity.ts";
import { launchInstances } from "./launch.ts";
import { terminateInstances } from "./terminate.ts";

/** Launches and ends instances of Auto Scaling groups. Each call throws what `awsError` makes of AWS's refusal. */
export function createCapacityWriter(autoScaling: AutoScaling): CapacityWriter {
  return {
    launchInstances: (request) => launchInstances(autoScaling, request),
    setDesiredCapacity: (group, desired) => setDesiredCapacity(autoScaling, group, desired),
    terminateInstances: (group, ids) => terminateInstances(autoScaling, group, ids),
  };
}

import { readDecisions } from "@gpu-autoscaler/adapters";
import {
  type ControllerState,
  emptyState,
  type Group,
  NANO_DOLLARS_PER_DOLLAR,
  onDemandNanoDollarsPerHour,
  type TickRecord,
} from "@gpu-autoscaler/core";
import type { Aws } from "../aws/start-aws.ts";
import { type ClusterToMake, onlyGroupOf, policyNamed } from "./cluster.ts";
import { type Process, type ProcessOptions, type Surroundings, startProcess } from "./process.ts";

export interface WiredCluster {
  readonly group: Group;
  startProcess(options?: ProcessOptions): Process;
  /** As it is stored. */
  state(): Promise<ControllerState>;
  /** The decisions that were kept, oldest first. */
  records(): Promise<readonly TickRecord[]>;
  /** Ids of instances that EC2 has, those on their way out left out. */
  instances(): Promise<readonly string[]>;
  /** What Auto Scaling tells of it. */
  desiredCapacity(): Promise<number>;
}

/** A cluster by a name of its own, with its Auto Scaling group. `opened` takes its processes. */
export async function makeCluster(
  surroundings: Surroundings,
  opened: Process[],
  name: string,
  options: ClusterToMake = {},
): Promise<WiredCluster> {
  const { aws, clock, table } = surroundings;
  const policy = policyNamed(name, options);
  const group = onlyGroupOf(policy);
  await createGroup(aws, group);
  const start = (how: ProcessOptions = {}) => {
    const process = startProcess(surroundings, policy, how);
    opened.push(process);
    return process;
  };
  const { ports } = start();
  const since = clock.now();
  return {
    group,
    startProcess: start,
    state: async () => (await ports.stateStore.load(name))?.state ?? emptyState(name),
    async records() {
      const records: TickRecord[] = [];
      for await (const { record, problem } of readDecisions(table, name, since, clock.now())) {
        if (record === null) throw new Error(problem);
        records.push(record);
      }
      return records;
    },
    instances: async () => (await aws.instancesOf(group.name)).flatMap(({ InstanceId }) => InstanceId ?? []),
    async desiredCapacity() {
      const { groups } = await ports.capacityReader.readGroups();
      return groups[0]?.desired ?? Number.NaN;
    },
  };
}

async function createGroup(aws: Aws, { name, instanceTypes, zones, maxNodes }: Group): Promise<void> {
  await aws.createGroup({ name, instanceTypes, zones, max: maxNodes });
  for (const type of instanceTypes) {
    const dollars = (onDemandNanoDollarsPerHour(type, aws.region) ?? 0) / NANO_DOLLARS_PER_DOLLAR;
    aws.setPrices({ onDemand: { [type]: dollars.toFixed(10) } });
  }
}

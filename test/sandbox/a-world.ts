import {
  type GroupStatus,
  type LaunchResult,
  MINUTE_MS,
  type Node,
  type Pod,
  type Pool,
  SECOND_MS,
} from "@gpu-autoscaler/core";
import { createWorld, type PodRow, type World, type WorldOptions } from "@gpu-autoscaler/sandbox";
import { aPolicy, aPool, pricesOf } from "../builders/index.ts";

export const ZONE = "us-east-1a";

/** A pool of g6.xlarge (one L4, 3,920 mCPU, about 13.8 GiB) in three zones. */
export const SMALL = aPool("small", ["g6.xlarge"]);
/** A pool of g6.12xlarge: four L4. */
export const QUAD = aPool("quad", ["g6.12xlarge"]);

/** A world of these pools with prices by the catalog; Spot costs 0.35 of On-Demand. */
export function aWorld(
  pools: readonly Pool[] = [SMALL],
  options: Partial<Omit<WorldOptions, "pools">> = {},
): World {
  return createWorld({ cluster: "test", pools, prices: pricesOf(aPolicy(pools)), ...options });
}

/** A training pod of one GPU, one core and 1 GiB that comes at once and runs for ten minutes. */
export function aRow(name: string, fields: Partial<PodRow> = {}): PodRow {
  return {
    name,
    submitMs: 0,
    durationMs: 10 * MINUTE_MS,
    gpus: 1,
    gpuMilli: 1_000,
    gpuModels: [],
    cpuMilli: 1_000,
    memoryBytes: 1024 ** 3,
    priority: "normal",
    class: "training",
    namespace: "team",
    gang: null,
    ...fields,
  };
}

export async function nodesOf(world: World): Promise<readonly Node[]> {
  return (await world.ports.clusterReader.readCluster()).nodes;
}

export async function podsOf(world: World): Promise<readonly Pod[]> {
  return (await world.ports.clusterReader.readCluster()).pods;
}

export async function podNamed(world: World, name: string): Promise<Pod> {
  const pod = (await podsOf(world)).find((each) => each.name === name);
  if (!pod) throw new Error(`there is no pod ${name}`);
  return pod;
}

export async function groupNamed(world: World, name: string): Promise<GroupStatus> {
  const { groups } = await world.ports.capacityReader.readGroups();
  const group = groups.find((each) => each.name === name);
  if (!group) throw new Error(`there is no group ${name}`);
  return group;
}

let tokens = 0;

/** Launches with a token of its own. */
export function launch(world: World, group: string, count = 1, zone = ZONE): Promise<LaunchResult> {
  tokens += 1;
  return world.ports.capacityWriter.launchInstances({ group, zone, count, token: `token-${tokens}` });
}

export async function evict(
  world: World,
  name: string,
  gracePeriodSeconds: number | null = null,
): ReturnType<World["ports"]["clusterWriter"]["evict"]> {
  const { namespace, uid } = await podNamed(world, name);
  return world.ports.clusterWriter.evict({ namespace, name, uid, gracePeriodSeconds });
}

/** Lets time pass. */
export function pass(
  world: World,
  { minutes = 0, seconds = 0 }: { minutes?: number; seconds?: number },
): void {
  world.advanceTo(world.now + minutes * MINUTE_MS + seconds * SECOND_MS);
}

/** Lets time pass event by event until the condition holds; throws after an hour. */
export async function passUntil(world: World, holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = world.now + 60 * MINUTE_MS;
  while (!(await holds())) {
    if (world.nextEventAt > limit) throw new Error("it has not come about within an hour");
    world.advanceTo(world.nextEventAt);
  }
}

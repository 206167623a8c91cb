import {
  type ClusterObjects,
  type Effect,
  MINUTE_MS,
  type Pod,
  type Policy,
  type Ports,
  type ReasonCode,
  runTick,
  SECOND_MS,
  type Tick,
} from "@gpu-autoscaler/core";
import { createWorld, type World } from "@gpu-autoscaler/sandbox";
import * as fc from "fast-check";
import { pricesOf } from "../builders/index.ts";
import {
  budgetsOf,
  type DrainPlay,
  drainPlay,
  happen,
  type Protections,
  policyOf,
  setUp,
} from "./drain-plays.ts";
import { runs } from "./runs.ts";

/** A tick, and the cluster right before and right after it. */
export interface Seen {
  readonly play: DrainPlay;
  readonly policy: Policy;
  readonly tick: Tick;
  readonly before: ClusterObjects;
  readonly after: ClusterObjects;
  /** Nodes whose drain as underused began in an earlier tick and goes on, by what was done to them alone. */
  readonly draining: ReadonlySet<string>;
  /** Instances that EC2 announced to take. */
  readonly interrupted: ReadonlySet<string>;
  /** Uids of pods to which somebody added an annotation that keeps them. */
  readonly protectedSince: ReadonlySet<string>;
}

/** What all plays came to: that there was something to look at. */
export interface Tally {
  drains: number;
  /** Of these, for the sake of cheaper nodes. */
  replaced: number;
  evictions: number;
  ended: number;
  undone: number;
}

/** Plays clusters with underused nodes, minute by minute, and once more right after each eviction. */
export async function watchDrains(numRuns: number, check: (seen: Seen) => void): Promise<Tally> {
  const tally: Tally = { drains: 0, replaced: 0, evictions: 0, ended: 0, undone: 0 };
  await fc.assert(
    fc.asyncProperty(drainPlay, async (play) => {
      const recording = await recordingOf(play);
      for (const seen of recording.ticks) check(seen);
      tally.drains += recording.tally.drains;
      tally.replaced += recording.tally.replaced;
      tally.evictions += recording.tally.evictions;
      tally.ended += recording.tally.ended;
      tally.undone += recording.tally.undone;
    }),
    runs(numRuns),
  );
  return tally;
}

interface Recording {
  readonly ticks: readonly Seen[];
  readonly tally: Tally;
}

/** The properties look at the same plays, by the seed they share: each is played once. */
const recordings = new Map<string, Promise<Recording>>();

function recordingOf(play: DrainPlay): Promise<Recording> {
  const key = JSON.stringify(play);
  const known = recordings.get(key) ?? record(play);
  recordings.set(key, known);
  return known;
}

const PLAYED_MS = 18 * MINUTE_MS;
/** A pod takes longer to exit. */
const SOON_MS = 2 * SECOND_MS;

async function record(play: DrainPlay): Promise<Recording> {
  const policy = policyOf(play);
  const world = createWorld({
    cluster: "test",
    pools: policy.pools,
    prices: pricesOf(policy),
    budgets: budgetsOf(play),
    faults: [
      { call: "evict", kind: "throttled", untilMs: play.throttledMinutes * MINUTE_MS },
      ...play.faults,
    ],
    seed: play.seed,
  });
  setUp(world, play);
  const protections: Protections = new Map();
  const ports = withProtections(world.ports, protections);
  const tally: Tally = { drains: 0, replaced: 0, evictions: 0, ended: 0, undone: 0 };
  const ticks: Seen[] = [];
  const draining = new Set<string>();
  const end = world.now + PLAYED_MS;
  let sinceFirst = 0;
  let next = world.now + MINUTE_MS;
  while (next < end) {
    const { pods } = await ports.clusterReader.readCluster();
    for (const each of play.happenings) {
      if (each.ticks + 1 === sinceFirst) happen(world, each, pods, draining, protections);
    }
    world.advanceTo(next);
    const before = await ports.clusterReader.readCluster();
    const interrupted = await interruptedInstances(world);
    forget(draining, before, interrupted);
    const tick = await runTick(ports, policy);
    if (!tick) throw new Error("nobody else holds the lease");
    const after = await ports.clusterReader.readCluster();
    const protectedSince = new Set(protections.keys());
    const wasDraining = new Set(draining);
    ticks.push({ play, policy, tick, before, after, draining: wasDraining, interrupted, protectedSince });
    follow(tick.effects, draining, tally);
    if (sinceFirst > 0 || draining.size > 0) sinceFirst++;
    next = world.now + (hasEvicted(tick) ? SOON_MS : MINUTE_MS);
  }
  return { ticks, tally };
}

/** Nodes that are gone, or EC2's. */
function forget(draining: Set<string>, { nodes }: ClusterObjects, interrupted: ReadonlySet<string>): void {
  for (const name of draining) {
    const node = nodes.find((each) => each.name === name);
    if (!node || interrupted.has(node.instanceId ?? "")) draining.delete(name);
  }
}

function hasEvicted({ outcomes }: Tick): boolean {
  return outcomes.some(({ key, status }) => key.startsWith("evict/") && status === "done");
}

async function interruptedInstances(world: World): Promise<Set<string>> {
  const { interruptions } = await world.ports.interruptionFeed.readInterruptions();
  return new Set(interruptions.map(({ instanceId }) => instanceId));
}

/** Why a node is drained of pods that could as well stay where they are. */
const MOVING: ReadonlySet<ReasonCode> = new Set<ReasonCode>(["NodeUnderused", "NodeReplaced"]);

export function isOfMove({ reason }: Effect): boolean {
  return MOVING.has(reason.code);
}

/** Which drains of underused nodes go on after a tick. */
function follow(effects: readonly Effect[], draining: Set<string>, tally: Tally): void {
  for (const effect of effects) {
    const isOurs = isOfMove(effect);
    if (isOurs && effect.kind === "CordonNode" && !draining.has(effect.node)) {
      draining.add(effect.node);
      tally.drains++;
      if (effect.reason.code === "NodeReplaced") tally.replaced++;
    }
    if (isOurs && effect.kind === "EvictPod") tally.evictions++;
    if (effect.kind === "UncordonNode" && draining.delete(effect.node)) tally.undone++;
    if (effect.kind !== "TerminateInstances") continue;
    for (const { node } of effect.instances) if (node !== null && draining.delete(node)) tally.ended++;
  }
}

/** The world's ports, but pods bear what somebody wrote on them. */
function withProtections(ports: Ports, protections: Protections): Ports {
  return {
    ...ports,
    clusterReader: {
      ...ports.clusterReader,
      async readCluster() {
        const objects = await ports.clusterReader.readCluster();
        if (protections.size === 0) return objects;
        const pods = objects.pods.map((pod): Pod => {
          const added = protections.get(pod.uid);
          return added ? { ...pod, annotations: { ...pod.annotations, ...added } } : pod;
        });
        return { ...objects, pods };
      },
    },
  };
}

import { type Effect, type Policy, type Pool, runTick, SECOND_MS } from "@gpu-autoscaler/core";
import { createWorld, type World, type WorldOptions } from "@gpu-autoscaler/sandbox";
import { createClusterAutoscaler } from "../../packages/sandbox/src/peers/cluster-autoscaler/index.ts";
import type { ClusterAutoscalerSettings } from "../../packages/sandbox/src/peers/cluster-autoscaler/settings.ts";
import { aPolicy, pricesOf, START } from "../builders/index.ts";

/** Cluster Autoscaler in a world, a loop each ten seconds and at each demand event. */
export interface Play {
  readonly world: World;
  /** Loops up to this many seconds after the start. */
  until(seconds: number): Promise<void>;
  /** What it did, with the seconds since the start: "40 launch 1 small-on-demand a". */
  readonly told: readonly string[];
  /** The same of one kind of deed. */
  toldOf(deed: "launch" | "cordon" | "uncordon" | "evict" | "terminate"): readonly string[];
}

interface PlayOptions extends Partial<Omit<WorldOptions, "pools">> {
  readonly policy?: Partial<Policy>;
  readonly settings?: ClusterAutoscalerSettings;
}

export function play(
  pools: readonly Pool[],
  { policy: changes, settings, ...options }: PlayOptions = {},
): Play {
  const policy = aPolicy(pools, changes);
  const world = createWorld({
    cluster: policy.cluster,
    pools,
    prices: pricesOf(policy),
    startAt: START,
    ...options,
  });
  const { decide, tickMs } = createClusterAutoscaler(settings);
  let next = START;
  const told = () =>
    world.records.flatMap(({ decidedAt, effects }) =>
      effects.map((effect) => `${(decidedAt - START) / SECOND_MS} ${tell(effect)}`),
    );
  return {
    world,
    async until(seconds) {
      while (next <= START + seconds * SECOND_MS) {
        world.advanceToWake(next);
        world.woken();
        await runTick(world.ports, policy, decide);
        next = START + (Math.floor((world.now - START) / tickMs) + 1) * tickMs;
      }
      world.advanceToWake(START + seconds * SECOND_MS);
    },
    get told() {
      return told();
    },
    toldOf: (deed) => told().filter((line) => line.split(" ")[1] === deed),
  };
}

function tell(effect: Effect): string {
  switch (effect.kind) {
    case "LaunchInstances":
      return `launch ${effect.count} ${effect.group} ${effect.zone.at(-1)}`;
    case "TerminateInstances":
      return `terminate ${effect.instances.length} ${effect.group} ${effect.reason.code}`;
    case "CordonNode":
      return `cordon ${effect.node} ${effect.reason.code}`;
    case "UncordonNode":
      return `uncordon ${effect.node} ${effect.reason.code}`;
    case "EvictPod":
      return `evict ${effect.name} ${effect.reason.code}`;
    case "SetDesiredCapacity":
      return `set ${effect.group} to ${effect.to}`;
  }
}

/** Seconds after the start. */
export function secondsOf(at: number): number {
  return (at - START) / SECOND_MS;
}

/** The first regular loop at or after so many seconds. */
export function loopFrom(seconds: number): number {
  return Math.ceil(seconds / 10) * 10;
}

import { type Effect, type Policy, runTick, SECOND_MS } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  createWorld,
  type PodRow,
  type SpotUse,
  type World,
  type WorldOptions,
} from "@gpu-autoscaler/sandbox";
import { createKarpenter, type KarpenterSettings } from "../../packages/sandbox/src/peers/karpenter/index.ts";
import { START } from "../builders/index.ts";

/** Karpenter in a comparison world, second by second. */
export interface Play {
  readonly world: World;
  /** Looks each second, and whenever demand wakes a tick, up to this many seconds after the start. */
  until(seconds: number): Promise<void>;
  /** What Karpenter did: "1 launch 1 g6-xlarge on-demand a", with the seconds since the start. */
  readonly told: readonly string[];
  /** The node that registered as the `ordinal`-th, from 1. */
  node(ordinal: number): string;
}

interface PlayOptions {
  readonly spot?: SpotUse;
  readonly rows?: readonly PodRow[];
  readonly settings?: Partial<KarpenterSettings>;
  readonly policy?: Policy;
  readonly world?: Partial<WorldOptions>;
}

export function play({ spot = "none", rows = [], settings = {}, ...options }: PlayOptions = {}): Play {
  const policy = options.policy ?? comparisonPolicy(spot);
  const world = createWorld({
    cluster: policy.cluster,
    pools: policy.pools,
    prices: comparisonPrices(),
    rows,
    startAt: START,
    spotShareMilli: spot === "mix" ? policy.spot.shareMilli : null,
    anyGpuModel: true,
    ...options.world,
  });
  const peer = createKarpenter(settings);
  let next = START;
  return {
    world,
    async until(seconds) {
      while (next <= START + seconds * SECOND_MS) {
        world.advanceToWake(next);
        world.woken();
        await runTick(world.ports, policy, peer.decide);
        next = START + (Math.floor((world.now - START) / SECOND_MS) + 1) * SECOND_MS;
      }
    },
    get told() {
      return world.records.flatMap(({ decidedAt, effects }) =>
        effects.map((effect) => `${(decidedAt - START) / SECOND_MS} ${tell(effect)}`),
      );
    },
    node: (ordinal) => `ip-10-0-0-${ordinal}.ec2.internal`,
  };
}

function tell(effect: Effect): string {
  switch (effect.kind) {
    case "LaunchInstances":
      return `launch ${effect.count} ${effect.pool} ${effect.capacityType} ${effect.zone.slice(-1)}`;
    case "CordonNode":
      return `taint ${short(effect.node)}`;
    case "UncordonNode":
      return `untaint ${short(effect.node)}`;
    case "EvictPod":
      return `evict ${effect.name.replace(/-[0-9a-f]{5}$/, "'")}`;
    case "TerminateInstances":
      return `end ${effect.instances.map(({ node }) => (node === null ? "an instance" : short(node))).join(", ")}`;
    case "SetDesiredCapacity":
      return `set ${effect.group} to ${effect.to}`;
  }
}

/** "node 1" of "ip-10-0-0-1.ec2.internal". */
function short(node: string): string {
  return `node ${/^ip-10-0-0-(\d+)\./.exec(node)?.[1] ?? node}`;
}

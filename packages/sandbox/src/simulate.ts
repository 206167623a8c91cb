import { instanceShape, type Policy, type Prices, type Reason, type TickRecord } from "@gpu-autoscaler/core";
import { COMPARISON_CLUSTER, lowerBoundNanoDollars, type SpotUse } from "./comparison/index.ts";
import type { PodRow } from "./load/index.ts";
import { runPeakFleet } from "./peak-fleet.ts";
import { createClusterAutoscaler } from "./peers/cluster-autoscaler/index.ts";
import { createKarpenter, type KarpenterSettings } from "./peers/karpenter/index.ts";
import type { Peer } from "./peers/peer.ts";
import { type PolicyRun, type PolicyRunResult, runPolicy } from "./run-policy.ts";
import { runResult } from "./run-result.ts";
import type { WorldOptions } from "./world/index.ts";

/** The policies that a simulation can run, besides the bound. */
export const STRATEGIES = ["gpu-autoscaler", "static", "cluster-autoscaler", "karpenter"] as const;

/** Spot interruptions: 0.1 %, 1 %, 5 % of Spot nodes an hour, the last with storms. */
export const WEATHERS = ["quiet", "usual", "bad"] as const;

export interface SimulationRequest {
  readonly rows: readonly PodRow[];
  readonly policy: Policy;
  readonly prices: Prices;
  /** Names out of `STRATEGIES`, in the order of the answer. */
  readonly strategies: readonly string[];
  readonly spot: SpotUse;
  readonly weather: (typeof WEATHERS)[number];
  readonly seed: number;
  /** `done` of all runs, from 0 to 1, and what is being done. */
  onProgress?(done: number, label: string): void;
  /** Each decision of a strategy that decides by ticks. */
  onDecision?(strategy: string, record: TickRecord): void;
  /** All that a strategy's run came to, as soon as it is over: what a report draws. */
  onRun?(strategy: string, run: PolicyRunResult): void;
}

/** What became of one strategy. */
export interface RunResult {
  readonly name: string;
  readonly costNanoDollars: number;
  /** Of `gpuMsPaid`. */
  readonly spotGpuMs: number;
  readonly gpuMsPaid: number;
  /** Held by pods. */
  readonly gpuMsUsed: number;
  /** All time that a pod spent pending. */
  readonly waitMs: {
    readonly mean: number;
    readonly p50: number;
    readonly p95: number;
    readonly max: number;
  };
  readonly launches: number;
  readonly interruptions: number;
  readonly evictions: number;
  /** Pods that had not run to their end when the run ended. */
  readonly unfinished: readonly UnservedPod[];
  /** Pods that no node could ever take. */
  readonly infeasible: readonly UnservedPod[];
}

export interface UnservedPod {
  readonly name: string;
  readonly reasons: readonly Reason[];
}

export interface SimulationResult {
  readonly lowerBoundNanoDollars: number;
  /** In the order of the request's strategies. */
  readonly runs: readonly RunResult[];
}

export type Simulate = (request: SimulationRequest) => Promise<SimulationResult>;

/** Plays the load under each strategy in one and the same world, and works out the bound. */
export const simulate: Simulate = async (request) => {
  const { strategies } = request;
  const runs: RunResult[] = [];
  for (const [i, name] of strategies.entries()) {
    const run = await playStrategy(request, name, {
      onProgress: (done) => request.onProgress?.((i + done) / strategies.length, name),
      onRecord: (record) => request.onDecision?.(name, record),
    });
    request.onRun?.(name, run);
    runs.push(runResult(name, run));
  }
  return { lowerBoundNanoDollars: boundOf(request), runs };
};

/** What of a request one strategy is played with: data alone. */
export type Setting = Pick<SimulationRequest, "rows" | "policy" | "prices" | "spot" | "weather" | "seed">;

export function playStrategy(
  setting: Setting,
  name: string,
  listener: Pick<PolicyRun, "onProgress" | "onRecord">,
): Promise<PolicyRunResult> {
  const play = name === "static" ? runPeakFleet : runPolicy;
  return play({ ...peerNamed(name), world: worldOf(setting), policy: setting.policy, ...listener });
}

export function boundOf({ rows, policy, prices, spot }: Setting): number {
  return lowerBoundNanoDollars(rows, policy, prices, spot);
}

/** How a peer decides, how often, and that it knows nothing of DCGM; nothing for a policy of ours. */
function peerNamed(name: string): Pick<PolicyRun, "decide" | "tickMs" | "unmeasured"> {
  const peer = createPeer(name);
  return peer ? { decide: peer.decide, tickMs: peer.tickMs, unmeasured: true } : {};
}

function createPeer(name: string): Peer | null {
  if (name === "cluster-autoscaler") return createClusterAutoscaler({ onDemandAfterInterruption: true });
  return name === "karpenter" ? createKarpenter(CAREFUL_KARPENTER) : null;
}

/**
 * Peers are set up as somebody would who pays for GPUs: no Spot for Jobs that it interrupted, which
 * would start over for ever, and for Karpenter a NodePool for each kind of machine, the cheapest
 * first: with one for all it does much worse.
 */
const CAREFUL_KARPENTER: Partial<KarpenterSettings> = {
  nodePools: "per-pool",
  onDemandAfterInterruption: true,
};

export function worldOf({ rows, policy, prices, spot, weather, seed }: Setting): WorldOptions {
  const types = new Set(policy.pools.flatMap(({ groups }) => groups.flatMap((group) => group.instanceTypes)));
  const shapes = [...types].map((type) => instanceShape(type)).filter((shape) => shape !== null);
  return {
    cluster: policy.cluster,
    pools: policy.pools,
    shapes: Object.fromEntries(shapes.map((shape) => [shape.instanceType, shape])),
    prices,
    rows,
    seed,
    weather: spot === "none" ? "none" : weather,
    spotShareMilli: spot === "mix" ? policy.spot.shareMilli : null,
    anyGpuModel: policy.cluster === COMPARISON_CLUSTER,
  };
}

import type { TickRecord } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  generateDay,
  type PodRow,
  type PolicyRunResult,
  runPolicy,
  type SimulationRequest,
  type SpotUse,
  worldOf,
} from "@gpu-autoscaler/sandbox";
import { aPolicy, aPool, pricesOf } from "../builders/index.ts";

/** Every fifth pod of the built-in day, gangs apart: a run in a second. */
export function someRows(seed = 1): PodRow[] {
  return generateDay({ seed }).filter(({ gang }, at) => at % 5 === 0 && gang === null);
}

export function aRequest(rows: readonly PodRow[], spot: SpotUse): SimulationRequest {
  return {
    rows,
    policy: comparisonPolicy(spot),
    prices: comparisonPrices(),
    strategies: ["gpu-autoscaler"],
    spot,
    weather: "bad",
    seed: 1,
  };
}

/** A run in the comparison world, through Spot storms where there is Spot. */
export function aRun(
  rows: readonly PodRow[],
  spot: SpotUse,
  onRecord: (record: TickRecord) => void = () => {},
): Promise<PolicyRunResult> {
  const request = aRequest(rows, spot);
  return runPolicy({ world: worldOf(request), policy: request.policy, onRecord });
}

/** A run in a world of GPUs cut into sevenths and of whole ones. */
export function aSharedRun(rows: readonly PodRow[]): Promise<PolicyRunResult> {
  const sharing = { kind: "time-slicing", replicas: 7, renamed: true } as const;
  const pools = [aPool("shared", ["g6.2xlarge"], { sharing }), aPool("whole", ["g6.48xlarge"])];
  const policy = aPolicy(pools);
  return runPolicy({
    world: { cluster: "test", pools, prices: pricesOf(policy), rows, anyGpuModel: true },
    policy,
  });
}

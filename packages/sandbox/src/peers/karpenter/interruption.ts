import { isMovableKind, reason } from "@gpu-autoscaler/core";
import { markUnavailable } from "./availability.ts";
import type { Machine } from "./cluster.ts";
import type { Karpenter, Look } from "./state.ts";
import { startDeletion } from "./termination.ts";

/**
 * What the interruption queue brings: on a Spot warning and a scheduled event the NodeClaim is
 * deleted, which taints and drains its node at once; a rebalance recommendation is no reason to act
 * (provider, controllers/interruption/utils.go, actionForMessage). The offering of an interrupted
 * Spot instance rests for three minutes.
 */
export function handleInterruptions(state: Karpenter, look: Look): void {
  for (const { instanceId, kind } of look.snapshot.interruptions) {
    const machine = state.cluster.machines.get(instanceId);
    if (!machine || machine.deletion !== null || kind === "rebalance-recommendation") continue;
    if (kind === "spot-interruption" && machine.offering) {
      markUnavailable(state.unavailable, machine.offering, look.now);
      if (state.settings.onDemandAfterInterruption) takeOffSpot(state, machine);
    }
    const detail =
      kind === "spot-interruption" ? "Karpenter: interruption warning" : "Karpenter: scheduled event";
    startDeletion(state, look, machine, reason("SpotInterruption", detail));
  }
}

/** A Deployment's pods lose nothing: nobody would pay On-Demand for them. */
function takeOffSpot({ records }: Karpenter, { pods }: Machine): void {
  for (const { pod } of pods) if (pod.owner && !isMovableKind(pod)) records.offSpot.add(pod.owner.uid);
}

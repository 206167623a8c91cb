import type { Instance as RawInstance } from "@aws-sdk/client-auto-scaling";
import type { EpochMs, Instance } from "@gpu-autoscaler/core";

/** The id, the zone and the type that an instance must tell. */
type Known = Pick<Instance, "id" | "zone" | "instanceType">;

/**
 * An instance of a group; null when it is no longer of it, or does not say what is needed to count
 * it (`isWhole` tells which).
 */
export function instanceFrom(raw: RawInstance, launchedAt: (id: string) => EpochMs): Instance | null {
  const known = knownOf(raw);
  const lifecycle = lifecycleOf(raw.LifecycleState ?? "");
  if (!known || lifecycle === null) return null;
  return {
    ...known,
    lifecycle,
    healthy: raw.HealthStatus?.toLowerCase() !== "unhealthy",
    launchedAt: launchedAt(known.id),
  };
}

/** Whether the instance says what is needed to count it. */
export function isWhole(raw: RawInstance): boolean {
  return knownOf(raw) !== null;
}

/** Whether the instance is there and stays, as far as Auto Scaling is concerned. */
export function isLive(raw: RawInstance): boolean {
  const lifecycle = lifecycleOf(raw.LifecycleState ?? "");
  return lifecycle === "pending" || lifecycle === "in-service";
}

function knownOf({ InstanceId: id, AvailabilityZone: zone, InstanceType }: RawInstance): Known | null {
  // The type may be absent: the group's template then stands for it.
  return id !== undefined && zone !== undefined ? { id, zone, instanceType: InstanceType ?? "" } : null;
}

/**
 * Source: Auto Scaling's instance lifecycle. Standby instances serve no longer and are still there;
 * detached ones are somebody else's.
 */
function lifecycleOf(state: string): Instance["lifecycle"] | null {
  if (state.startsWith("Pending")) return "pending";
  if (state.startsWith("Terminat")) return "terminating";
  return state === "Detached" || state === "Detaching" ? null : "in-service";
}

import type { LaunchError } from "../model/outcome.ts";
import type { Policy } from "../model/policy.ts";
import { type CapacityType, type Group, type Offering, offeringKey } from "../model/pool.ts";
import type { CapacityErrorMemory, ControllerState } from "../model/state.ts";
import type { EpochMs } from "../model/units.ts";
import type { Reconsider } from "./reconsider.ts";

type Memories = ControllerState["capacityErrors"];

/**
 * Whether launches in the offering rest after capacity errors: by itself, or because each of its
 * instance types does. Gives the memory that holds it back, or null.
 */
export function restingCapacity(
  memories: ReadonlyMap<string, CapacityErrorMemory>,
  group: Group,
  zone: string,
  reconsider: Reconsider,
): CapacityErrorMemory | null {
  if (memories.size === 0) return null;
  const resting = (key: string) => {
    const memory = memories.get(key);
    return memory && !reconsider.reached(memory.retryAt) ? memory : null;
  };
  const whole = resting(offeringKey({ group: group.name, zone }));
  if (whole) return whole;
  let first: CapacityErrorMemory | null = null;
  for (const type of group.instanceTypes) {
    const memory = resting(typeKey(type, zone, group.capacityType));
    if (memory === null) return null;
    first ??= memory;
  }
  return first;
}

/**
 * The memories after one more failure of an offering, for the instance types that the errors name
 * (else the offering itself). Each failure in a row doubles the rest, up to the longest; a failure
 * that comes long after the last one starts anew.
 */
export function rememberCapacityErrors(
  memories: Memories,
  offering: Offering & { readonly capacityType: CapacityType },
  errors: readonly LaunchError[],
  policy: Policy["capacityErrors"],
  now: EpochMs,
): Memories {
  const next: Record<string, CapacityErrorMemory> = { ...memories };
  const keys = new Map<string, string>();
  for (const error of errors) {
    keys.set(
      error.instanceType === null
        ? offeringKey(offering)
        : typeKey(error.instanceType, offering.zone, offering.capacityType),
      error.code,
    );
  }
  for (const [key, code] of keys) {
    const before = memories[key];
    const inARow = before !== undefined && now < before.lastAt + policy.forgetAfterMs;
    const failures = inARow ? before.failures + 1 : 1;
    const rest = Math.min(policy.firstRestMs * 2 ** (failures - 1), policy.longestRestMs);
    next[key] = { code, failures, lastAt: now, retryAt: now + rest };
  }
  return next;
}

/** The memories after a launch in the offering succeeded: it is forgotten, with the types that came. */
export function forgetCapacityErrors(
  memories: Memories,
  offering: Offering & { readonly capacityType: CapacityType },
  instanceTypes: readonly string[],
): Memories {
  const keys = [
    offeringKey(offering),
    ...instanceTypes.map((type) => typeKey(type, offering.zone, offering.capacityType)),
  ];
  if (!keys.some((key) => key in memories)) return memories;
  return Object.fromEntries(Object.entries(memories).filter(([key]) => !keys.includes(key)));
}

function typeKey(instanceType: string, zone: string, capacityType: CapacityType): string {
  return `${instanceType}/${zone}/${capacityType}`;
}

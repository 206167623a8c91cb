import type { EpochMs } from "@gpu-autoscaler/core";
import type { Metadata, RawConditions } from "./schemas.ts";

/** null where there is none, or it cannot be read. */
export function timeOf(text: string | null | undefined): EpochMs | null {
  if (!text) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

/** `deletionTimestamp` is when the grace period will be over: deletion began that much before it. */
export function deletedAtOf({ deletionTimestamp, deletionGracePeriodSeconds }: Metadata): EpochMs | null {
  const over = timeOf(deletionTimestamp);
  return over === null ? null : over - (deletionGracePeriodSeconds ?? 0) * 1000;
}

export function isTrue(conditions: RawConditions, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}

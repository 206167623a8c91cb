/**
 * The units of the whole program. All are integers; the unit is in the name of every field
 * that a type alone does not explain.
 */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;
/** A length of time in milliseconds. */
export type DurationMs = number;
/** 10⁻⁹ US dollars. A year of 10,000 GPUs at 10 $ an hour is 8.8e17, above 2^53: sum by the day. */
export type NanoDollars = number;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const NANO_DOLLARS_PER_DOLLAR = 1_000_000_000;

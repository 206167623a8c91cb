/**
 * - `ok`: as it should be;
 * - `warning`: it works, and something is lost or may surprise;
 * - `failure`: the autoscaler cannot do its work there, or somebody else does it, too;
 * - `unchecked`: nothing could be said, and why.
 */
export type Status = "ok" | "warning" | "failure" | "unchecked";

export const STATUSES: readonly Status[] = ["failure", "warning", "unchecked", "ok"];

/** What a check found of one thing. */
export interface Finding {
  readonly status: Status;
  /** What it is about: "group production-l4-spot-4x16", "table autoscaler". */
  readonly place: string;
  readonly message: string;
  /** How to mend it; null where there is nothing to mend, or the message tells. */
  readonly mend: string | null;
}

export function ok(place: string, message: string): Finding {
  return { status: "ok", place, message, mend: null };
}

export function warning(place: string, message: string, mend: string | null = null): Finding {
  return { status: "warning", place, message, mend };
}

export function failure(place: string, message: string, mend: string | null = null): Finding {
  return { status: "failure", place, message, mend };
}

export function unchecked(place: string, message: string, mend: string | null = null): Finding {
  return { status: "unchecked", place, message, mend };
}

import type { Reason } from "./reason.ts";
import type { LaunchedInstance } from "./state.ts";
import type { EpochMs } from "./units.ts";

/** What became of one effect. */
export interface Outcome {
  /** The effect's key. */
  readonly key: string;
  readonly status: "done" | "partly" | "failed" | "skipped" | "dry-run";
  readonly at: EpochMs;
  /** Why it was not done, or not wholly; null when done. */
  readonly reason: Reason | null;
  /** What a launch gave; null for other effects, and where no answer came. */
  readonly launch: LaunchOutcome | null;
}

export interface LaunchOutcome {
  readonly launched: readonly LaunchedInstance[];
  readonly errors: readonly LaunchError[];
  /** What had been launched was ended again, because a gang could not be had whole. */
  readonly rolledBack: boolean;
}

/** As `autoscaling:LaunchInstances` reports it. */
export interface LaunchError {
  readonly code: string;
  readonly message: string;
  /** null where the error is not about one instance type. */
  readonly instanceType: string | null;
}

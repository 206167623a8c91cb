import type { Effect, EpochMs, GroupRejection, Reason } from "@gpu-autoscaler/core";

/** One decision of a run as a person looks for it: something done, or something that held for a while. */
export interface DecisionEntry {
  /** When it was decided. */
  readonly at: EpochMs;
  /** Until when it held: the first decision that no longer says so. `at` for what is done at once; null where it held to the last. */
  readonly until: EpochMs | null;
  /** An effect's kind; pods that wait, a node that stays, a part of the snapshot that was missing. */
  readonly kind: Effect["kind"] | "PodsWait" | "NodeStays" | "Problem";
  /** null where it is of no pool. */
  readonly pool: string | null;
  /** What it is about, in words: "2 nodes of 1 GPU, spot, in team-spot/us-east-1a, 0.28 $ an hour each". */
  readonly what: string;
  readonly reasons: readonly Reason[];
  /** What became of an effect: "done: i-0abc (g6.xlarge)". Empty for the others. */
  readonly outcome: string;
  /** `namespace/name` of the pods that it is for, and what each asks for, in words. */
  readonly pods: readonly string[];
  readonly asksFor: string;
  /** Groups that were not taken for them. */
  readonly rejected: readonly GroupRejection[];
}

/** Kinds from the one that tells most to the one that can be spared first. */
export const DECISION_KINDS: readonly DecisionEntry["kind"][] = [
  "LaunchInstances",
  "TerminateInstances",
  "EvictPod",
  "SetDesiredCapacity",
  "Problem",
  "PodsWait",
  "UncordonNode",
  "CordonNode",
  "NodeStays",
];

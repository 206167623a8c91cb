/**
 * What the page is given, as JSON: the figures of every run, ready to be drawn. The page's own
 * script reads the same types, so this file imports nothing.
 *
 * Times are seconds since the run's start unless a name says otherwise, money is dollars.
 */
export interface PageData {
  /** What was simulated: "1,501 pods of the built-in load of 1 d; Spot none, …". */
  readonly scenario: string;
  /** null where the bound is nothing. */
  readonly boundUsd: number | null;
  /** Where the buckets of lines over time begin; the last one's end. */
  readonly edgesSeconds: readonly number[];
  /** When the last pod is submitted: what comes after is the tail. */
  readonly lastSubmitSeconds: number;
  /** At which waits are counted. */
  readonly waitPointsSeconds: readonly number[];
  /** Every pool that some run had nodes in, the dearest over all runs first: a pool has one colour. */
  readonly pools: readonly string[];
  /** What a reason's code means. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly runs: readonly RunData[];
}

export interface RunData {
  readonly name: string;
  /** What happened, in words; how the other runs differ, a sentence each. */
  readonly title: string;
  readonly comparisons: readonly string[];
  readonly durationSeconds: number;
  readonly figures: RunFigures;
  readonly gpus: Readonly<Record<"paid" | "ready" | "demanded" | "held" | "busy", LevelData>>;
  readonly nodes: readonly PoolNodesData[];
  readonly costs: CostData;
  readonly waits: readonly WaitData[];
  readonly unserved: readonly UnservedData[];
  /** Unserved pods that are not listed. */
  readonly unservedLeftOut: number;
  readonly decisions: DecisionCounts;
}

export interface RunFigures {
  readonly costUsd: number;
  /** Cost ÷ bound; null where the bound is nothing. */
  readonly overBound: number | null;
  /** Of the GPU-hours paid, 0 to 1. */
  readonly spotShare: number;
  readonly gpuHoursPaid: number;
  readonly gpuHoursUsed: number;
  readonly waitSeconds: WaitSeconds;
  readonly launches: number;
  readonly interruptions: number;
  readonly evictions: number;
  readonly unfinished: number;
  readonly infeasible: number;
}

interface WaitSeconds {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface LevelData {
  /** Mean of each bucket, to the thousandth; of the last one over the part that the run lasted. */
  readonly means: readonly number[];
  readonly peak: number;
}

interface PoolNodesData extends LevelData {
  readonly pool: string;
  readonly launches: number;
  readonly nodeHours: number;
}

export interface CostData {
  readonly pools: readonly {
    readonly pool: string;
    readonly heldUsd: number;
    readonly startingUsd: number;
    readonly idleUsd: number;
  }[];
  readonly namespaces: readonly {
    readonly namespace: string;
    readonly heldUsd: number;
    readonly gpuHours: number;
  }[];
  readonly startingUsd: number;
  readonly idleUsd: number;
  /** Spot beyond its share, billed at the On-Demand price after all. */
  readonly spotExcessUsd: number;
}

export interface WaitData {
  readonly by: "all" | "class" | "priority";
  readonly name: string;
  readonly pods: number;
  readonly waitSeconds: WaitSeconds;
  /** At each of `waitPointsSeconds`, how many pods waited no longer. */
  readonly noLonger: readonly number[];
}

export interface UnservedData {
  readonly name: string;
  readonly how: "unfinished" | "infeasible";
  /** A text for each code, with the first of its particulars. */
  readonly reasons: readonly string[];
}

export interface DecisionCounts {
  readonly kept: number;
  /** Decisions that the page has no room for, by kind. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/**
 * The decisions of a run, packed: each text stands once, in `texts`, and rows refer to it by its
 * place; lists of places stand once in `lists`. Compressed by gzip, in base64, in a script element
 * of its own.
 */
export interface DecisionsData {
  readonly texts: readonly string[];
  readonly lists: readonly (readonly number[])[];
  readonly rows: readonly DecisionRow[];
}

/**
 * When in seconds; until when, null for to the last; the texts of kind, pool, subject, outcome and
 * what each pod asks for; the lists of reasons (code, detail, code, …), of pods and of rejected
 * groups (where, code, detail, where, …).
 */
export type DecisionRow = readonly [
  at: number,
  until: number | null,
  kind: number,
  pool: number,
  what: number,
  outcome: number,
  asksFor: number,
  reasons: number,
  pods: number,
  rejected: number,
];

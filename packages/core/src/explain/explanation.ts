import type { Outcome } from "../model/outcome.ts";
import type {
  CordonNode,
  Effect,
  EvictPod,
  LaunchInstances,
  Offer,
  PodsOutcome,
  SetDesiredCapacity,
  TerminateInstances,
  UncordonNode,
} from "../model/plan.ts";
import type { CapacityType } from "../model/pool.ts";
import type { Reason, ReasonCode } from "../model/reason.ts";
import type { EpochMs, NanoDollars } from "../model/units.ts";

/** Why a pod, a node or a launch is as it is: what was decided about it, in the order of time. */
export type Explanation = PodExplanation | NodeExplanation | LaunchExplanation;

/** An effect, and what became of it; null where nothing says: it is planned, or was not carried out. */
export interface Act<Kind extends Effect = Effect> {
  readonly effect: Kind;
  readonly outcome: Outcome | null;
}

/** What brings nodes. */
export type Launch = LaunchInstances | SetDesiredCapacity;

/** What a new node costs. */
export interface Price {
  readonly capacityType: CapacityType;
  /** GPUs of one node. */
  readonly gpus: number;
  /** Of one node, as AWS will bill it. */
  readonly nanoDollarsPerHour: NanoDollars;
  /** Of one node, as it was decided by: reserved capacity for nothing, Spot with its risk. */
  readonly effectiveNanoDollarsPerHour: NanoDollars;
  /** How many of the pods in question a node serves: as many as fit, at most as many as there are. null: unknown. */
  readonly podsPerNode: number | null;
}

/** Groups that were not taken for the same reasons, the best of them first. */
export interface Refusal {
  readonly codes: readonly ReasonCode[];
  readonly refused: readonly RefusedGroup[];
}

export interface RefusedGroup {
  readonly pool: string;
  /** null: every group of the pool. */
  readonly group: string | null;
  /** null: every zone of the group. */
  readonly zone: string | null;
  readonly reasons: readonly Reason[];
  /** Of the cheapest of what it stands for; null where nothing says. */
  readonly price: Price | null;
}

/** Pods of one kind that a launch serves. */
export interface ServedPods {
  /** `namespace/name` of all of the kind, oldest first; the launch may serve some of them. */
  readonly pods: readonly string[];
  /** How many of them it serves, together with the further calls of a launch that takes several. */
  readonly served: number;
  /** What each asks for, in words. */
  readonly asksFor: string;
  readonly gang: string | null;
}

/** Pods of one kind that a launch is for, and what it was weighed against. */
export interface LaunchPurpose extends ServedPods {
  /** Of a node of the launch. */
  readonly price: Price | null;
  /** What else was looked at for them, the best first. */
  readonly refusals: readonly Refusal[];
}

export interface PodExplanation {
  readonly kind: "pod";
  readonly cluster: string;
  /** `namespace/name`. */
  readonly name: string;
  /** As of this decision. */
  readonly at: EpochMs;
  /**
   * - `waiting`: it wants a GPU and has no node;
   * - `nominated`: kube-scheduler makes room for it by preemption;
   * - `bound`: it has a node;
   * - `ended`: it ran to its end, or is being deleted;
   * - `evicted`: it was evicted from its node; its controller starts another;
   * - `gone`: it no longer waits, and nothing says where it went;
   * - `no-gpu`: it asks for no GPU, so that nothing is decided about it.
   */
  readonly standing: "waiting" | "nominated" | "bound" | "ended" | "evicted" | "gone" | "no-gpu";
  /** The node that it is bound to, was evicted from, or is nominated for. */
  readonly node: string | null;
  /** What it asks for, in words; empty where nothing says. */
  readonly asksFor: string;
  readonly gang: string | null;
  readonly story: readonly PodEvent[];
}

export type PodEvent =
  | { readonly event: "Created"; readonly at: EpochMs }
  | PodDecided
  /** It was seen on the node for the first time. */
  | { readonly event: "Bound"; readonly at: EpochMs; readonly node: string; readonly instance: string | null }
  /** It is there; nothing says since when. */
  | { readonly event: "On"; readonly at: EpochMs; readonly node: string; readonly instance: string | null }
  | ({ readonly event: "Evicted"; readonly at: EpochMs } & Act<EvictPod>)
  | { readonly event: "Gone"; readonly at: EpochMs };

/** What decisions said of the pod, as long as they said the same. */
export interface PodDecided {
  readonly event: "Decided";
  readonly at: EpochMs;
  /** The first decision that no longer said so; null where the last one still did. */
  readonly until: EpochMs | null;
  readonly reason: Reason;
  /** It is one of so many equivalent pods, which were decided about together: */
  readonly alike: number;
  /** what became of them all. */
  readonly outcomes: readonly PodsOutcome[];
  /** Launches for them that lacked capacity, before in the same tick. */
  readonly tried: readonly LaunchMade[];
  /** The launch for it. */
  readonly launch: LaunchMade | null;
  /** What was looked at and not taken, the best first. */
  readonly refusals: readonly Refusal[];
}

export interface LaunchMade extends Act<Launch> {
  readonly price: Price | null;
  /** Pods of other kinds that it serves, too. */
  readonly others: number;
}

export interface NodeExplanation {
  readonly kind: "node";
  readonly cluster: string;
  /** The node's name; the instance's id while there is no node. */
  readonly name: string;
  /** As of this decision. */
  readonly at: EpochMs;
  /**
   * - `upcoming`: launched, not serving yet;
   * - `held`: GPU pods hold it, so that nothing is to be decided about it;
   * - `kept`: it could go and stays;
   * - `leaving`: it is being drained or ended;
   * - `ended`;
   * - `foreign`: no group of the configuration holds it;
   * - `unknown`: nothing says whose it is.
   */
  readonly standing: "upcoming" | "held" | "kept" | "leaving" | "ended" | "foreign" | "unknown";
  readonly pool: string | null;
  readonly group: string | null;
  readonly instance: string | null;
  readonly instanceType: string | null;
  readonly zone: string | null;
  readonly story: readonly NodeEvent[];
}

export type NodeEvent =
  | NodeLaunched
  /** Since when it has been so, as the state remembers it. */
  | {
      readonly event: "Noted";
      readonly at: EpochMs;
      readonly what: "Empty" | "Underused" | "Draining" | "RestingUntil";
    }
  | { readonly event: "Bound"; readonly at: EpochMs; readonly pod: string }
  | ({ readonly event: "Held"; readonly at: EpochMs } & Holders)
  | NodeKept
  | ({ readonly event: "Done"; readonly at: EpochMs } & Act<NodeEffect>);

export type NodeEffect = CordonNode | UncordonNode | EvictPod | TerminateInstances;

export interface NodeLaunched {
  readonly event: "Launched";
  readonly at: EpochMs;
  /** null where nothing says which launch it came from. */
  readonly launch: Act<Launch> | null;
  readonly for: readonly ServedPods[];
}

/**
 * It could go, or is not what it should be, and stays for these reasons: those that stood at once, and
 * those of the same codes that followed them.
 */
export interface NodeKept {
  readonly event: "Kept";
  readonly at: EpochMs;
  /** The first decision that no longer said so; null where the last one still did. */
  readonly until: EpochMs | null;
  readonly reasons: readonly Reason[];
}

/** The GPU pods on a node, how much of it they request, and how much was measured. */
export interface Holders {
  /** The node's GPU resources: `requested` by pods, of `allocatable`. */
  readonly resources: readonly {
    readonly name: string;
    readonly requested: number;
    readonly allocatable: number;
  }[];
  readonly pods: readonly HoldingPod[];
  /** Mean utilization of the GPUs that they hold, in thousandths; null where one was not measured. */
  readonly measuredMilli: number | null;
}

export interface HoldingPod {
  /** `namespace/name`. */
  readonly pod: string;
  /** GPU resources by name. */
  readonly asksFor: Readonly<Record<string, number>>;
  /** As of the holders. */
  readonly measuredMilli: number | null;
}

export interface LaunchExplanation {
  readonly kind: "launch";
  readonly cluster: string;
  /** The effect's key. */
  readonly name: string;
  readonly at: EpochMs;
  readonly launch: Act<Launch>;
  /** Of a node of the launch. */
  readonly price: Price | null;
  /** Whom it is for; empty for minimum sizes and headroom, and where nothing says. */
  readonly for: readonly LaunchPurpose[];
  /** Launches for the same pods that lacked capacity, before in the same tick. */
  readonly tried: readonly LaunchMade[];
  /** Where it is for no pods: what else the pool offers, the cheapest first. */
  readonly alternatives: readonly Offer[];
  /** What became of its instances, as far as a log says. */
  readonly nodes: readonly LaunchedNode[];
}

export interface LaunchedNode {
  readonly instance: string;
  readonly instanceType: string;
  /** null while there is none, and where nothing says. */
  readonly node: string | null;
  readonly bound: readonly { readonly pod: string; readonly at: EpochMs }[];
  readonly ended: { readonly at: EpochMs; readonly reason: Reason } | null;
}

import type {
  CapacityType,
  ClusterSpace,
  EpochMs,
  Group,
  GroupStatus,
  Instance,
  InstanceShape,
  Interruption,
  LaunchResult,
  NanoDollars,
  Node,
  NodeSpace,
  Pod,
  Pool,
  Sharing,
} from "@gpu-autoscaler/core";
import type { PodRow } from "../load/pod-row.ts";
import type { Account } from "./account.ts";
import type { Device } from "./devices.ts";
import type { EventQueue, ScheduledEvent } from "./events.ts";
import type { Infeasibility } from "./feasibility.ts";
import type { BudgetOptions, WorldOptions } from "./options.ts";
import type { PodKind, SchedulingQueue } from "./scheduling-queue.ts";
import type { Script } from "./script.ts";
import type { Weathercock } from "./weather.ts";

/**
 * All that the world is made of. The parts of the world are functions over it; what the ports hand
 * out (Node, Pod, Instance, …) is immutable and replaced when it changes.
 */
export interface WorldState {
  readonly options: WorldOptions;
  readonly seed: number;
  readonly startAt: EpochMs;
  readonly events: EventQueue;
  readonly script: Script;
  readonly weather: Weathercock;
  readonly account: Account;
  readonly space: ClusterSpace;
  readonly queue: SchedulingQueue;
  /** In the order in which they registered. */
  readonly nodes: Map<string, NodeState>;
  /** By uid, in the order in which they were created. */
  readonly pods: Map<string, PodState>;
  /** By `namespace/name`. */
  readonly podsByName: Map<string, PodState>;
  /** In the order of the pools and of the groups in them. */
  readonly groups: Map<string, GroupState>;
  readonly instances: Map<string, InstanceState>;
  readonly budgets: readonly BudgetOptions[];
  /** What AWS announced, in order of notice, by instance id and kind. */
  readonly interruptions: Map<string, Interruption>;
  readonly rows: readonly RowState[];
  /** By the gang's key. */
  readonly gangs: Map<string, GangState>;
  /** Answers of launches by ClientToken, with what was asked. */
  readonly launches: Map<string, { readonly asked: string; readonly result: LaunchResult }>;
  readonly changes: Changes;
  readonly counters: Counters;
  /** When a demand event would wake a tick; Infinity for none. */
  wakeAt: EpochMs;
  /** Rows that can run and have not run to their end. */
  openRows: number;
  /** Pods of rows that run. */
  runningRows: number;
  /** Rows that have yet to come. */
  comingRows: number;
  /** When a row was last submitted, started or ended. */
  progressAt: EpochMs;
}

/** Counts of changes; what is read is made anew when its count has moved. */
export interface Changes {
  nodes: number;
  pods: number;
  groups: number;
  interruptions: number;
  /** Of the load on GPUs. */
  load: number;
  lastAt: EpochMs;
}

/** Sources of names that repeat from run to run. */
interface Counters {
  node: number;
  pod: number;
  instance: number;
  resourceVersion: number;
  /** Launches so far, by instance type and zone. */
  readonly launches: Map<string, number>;
}

export interface GroupState {
  readonly group: Group;
  readonly pool: Pool;
  readonly shapes: readonly InstanceShape[];
  readonly tags: Readonly<Record<string, string>>;
  readonly min: number;
  readonly max: number;
  /** Instances that the reservation holds in all; null where there is none. */
  readonly reserved: number | null;
  desired: number;
  /** What Auto Scaling lists. */
  readonly instances: Map<string, InstanceState>;
  /** The next try to fill the desired capacity. */
  filling: ScheduledEvent | null;
  /** null when it must be made anew. */
  status: GroupStatus | null;
}

export interface InstanceState {
  readonly group: GroupState;
  readonly shape: InstanceShape;
  readonly capacityType: CapacityType;
  /** Its number among the launches of its type in its zone, from 0. */
  readonly ordinal: number;
  readonly nanoDollarsPerHour: NanoDollars;
  /** What Auto Scaling tells of it. */
  view: Instance;
  /** From when on a pod of its node runs at once: GPUs allocatable, image pulled. null until the GPUs are. */
  servingFrom: EpochMs | null;
  /** When it stopped to be billed; null while it runs. */
  endedAt: EpochMs | null;
  node: NodeState | null;
  /** What is still to come in its life. */
  readonly events: ScheduledEvent[];
}

export interface NodeState {
  node: Node;
  space: NodeSpace;
  readonly instance: InstanceState | null;
  readonly sharing: Sharing;
  /** In the order in which they were bound. */
  readonly pods: Set<PodState>;
  /** Physical GPUs, or MIG instances of them; none until the device plugin registered them. */
  devices: readonly Device[];
  /** From when on pods start without a pull. */
  imageReadyAt: EpochMs;
}

export interface PodState {
  pod: Pod;
  /** The object by which the cluster space knows it; the same while it is there. */
  placed: Pod;
  /** What it is to the scheduler. */
  readonly kind: PodKind;
  readonly workload: Workload;
  node: NodeState | null;
  /** Units held of each device. */
  devices: readonly { readonly device: Device; readonly units: number }[];
  startedAt: EpochMs | null;
  /** Its start, its end, or its exit. */
  next: ScheduledEvent | null;
}

/** What is to run as one pod at a time, again and again until it is done. */
export interface Workload {
  /** What its pods are made of; name, uid and times are each pod's own. */
  template: Pod;
  readonly row: RowState | null;
  /** Whether a controller replaces a pod that goes before its end, and what of the run counts then. */
  readonly replaced: "no" | "starts-over" | "resumes";
  /** Of the share of a GPU that it holds, in thousandths. */
  readonly busyMilli: number;
  /** What a pod has to run; Infinity for ever. */
  remainingMs: number;
  readonly gang: GangState | null;
  /** Pods made so far. */
  attempts: number;
  /** The pod that runs it or waits to; null before the first and after the last. */
  current: PodState | null;
}

/** Rows that are placed together. */
export interface GangState {
  readonly members: Workload[];
}

export interface RowState {
  readonly row: PodRow;
  /** null when some pool can take it. */
  readonly infeasible: Infeasibility | null;
  status: "coming" | "waiting" | "running" | "ended";
  /** Pending in all, over its pods. */
  waitMs: number;
  endedAt: EpochMs | null;
}

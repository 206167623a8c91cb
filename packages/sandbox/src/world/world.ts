import type { Clock, EpochMs, Ports, TickRecord } from "@gpu-autoscaler/core";
import { gpuMsHeld, type Settlement, settle } from "./account.ts";
import { countOf } from "./changes.ts";
import {
  createCapacityReader,
  createCapacityWriter,
  createGpuMetrics,
  createInterruptionFeed,
  createPriceList,
} from "./cloud-ports.ts";
import { createClusterReader, createClusterWriter } from "./cluster-ports.ts";
import { STAGNATION_MS } from "./constants.ts";
import { createState, namespacesOf } from "./create-state.ts";
import { createMemoryDecisionLog, createMemoryLease, createMemoryStateStore } from "./memory-ports.ts";
import type { WorldOptions } from "./options.ts";
import { outcomesOf, type RowOutcome } from "./rows.ts";
import { runScheduler } from "./scheduler.ts";
import type { WorldState } from "./state.ts";
import { type PodStay, staysOf } from "./stays.ts";
import { createVerbs, type WorldVerbs } from "./verbs.ts";

/**
 * One EKS cluster and the AWS behind it, as a discrete-event simulation behind the program's ports.
 * Time stands still but for `advanceTo`; the same options give the same world to the byte.
 */
export interface World {
  /** All that a tick touches. What readers give is immutable, and the same object until it changed. */
  readonly ports: Ports;
  readonly verbs: WorldVerbs;
  /** What was appended to the decision log. */
  readonly records: readonly TickRecord[];
  readonly now: EpochMs;
  /** When something happens next: now, where the scheduler has something to do. Infinity for never. */
  readonly nextEventAt: EpochMs;
  /**
   * When the earliest demand event that `woken` has not answered wakes a tick: a second after GPU
   * pods found no node, or AWS announced an interruption. Infinity for none.
   */
  readonly wakeAt: EpochMs;
  /** A tick begins, which answers the demand events so far. */
  woken(): void;
  /** Grows with whatever the ports would show otherwise. A mean goes on moving for 5 min after `changedAt`. */
  readonly changes: number;
  readonly changedAt: EpochMs;
  /** Events that have happened. */
  readonly eventCount: number;
  /** Every row that can has run to its end, or nothing moves any more. */
  readonly finished: boolean;
  /** Rows that have run to their end, of those that can: from 0 to 1. */
  readonly progress: number;
  /** When rows that wait are given up, should nothing happen: Infinity while any runs or is to come. */
  readonly stagnatesAt: EpochMs;
  /** Lets everything happen up to and with `at`. */
  advanceTo(at: EpochMs): void;
  /** Likewise, but no further than `wakeAt`, should that come to be earlier on the way. */
  advanceToWake(limit: EpochMs): void;
  /** What has become of it, as if the run ended now. */
  result(): WorldResult;
}

export interface WorldResult extends Settlement {
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  /** Held by pods that ran. */
  readonly gpuMsUsed: number;
  readonly launches: number;
  /** Spot instances that EC2 announced to take. */
  readonly interruptions: number;
  /** Pods evicted through the API. */
  readonly evictions: number;
  /** Pods that went before their end, for whatever cause, and were replaced. */
  readonly replacements: number;
  /** In the order of the rows. */
  readonly rows: readonly RowOutcome[];
  /** Of every GPU pod, in the order in which they went. */
  readonly stays: readonly PodStay[];
}

export function createWorld(options: WorldOptions): World {
  const state = createState(options);
  const feasibleRows = state.openRows;
  const clock: Clock = { now: () => state.events.now };
  const log = createMemoryDecisionLog();
  const ports: Ports = {
    clock,
    clusterReader: createClusterReader(state, namespacesOf(options)),
    clusterWriter: createClusterWriter(state),
    capacityReader: createCapacityReader(state),
    capacityWriter: createCapacityWriter(state),
    gpuMetrics: createGpuMetrics(state),
    priceList: createPriceList(state),
    interruptionFeed: createInterruptionFeed(state),
    stateStore: createMemoryStateStore(),
    lease: createMemoryLease(clock),
    decisionLog: log,
  };
  return {
    ports,
    verbs: createVerbs(state),
    records: log.records,
    get now() {
      return state.events.now;
    },
    get nextEventAt() {
      return nextEventAt(state);
    },
    get wakeAt() {
      return state.wakeAt;
    },
    woken() {
      state.wakeAt = Number.POSITIVE_INFINITY;
    },
    get changes() {
      return countOf(state.changes);
    },
    get changedAt() {
      return state.changes.lastAt;
    },
    get eventCount() {
      return state.events.count;
    },
    get finished() {
      return state.openRows === 0 || stagnatesAt(state) <= state.events.now;
    },
    get progress() {
      return feasibleRows === 0 ? 1 : 1 - state.openRows / feasibleRows;
    },
    get stagnatesAt() {
      return stagnatesAt(state);
    },
    advanceTo: (at) => advance(state, () => at),
    advanceToWake: (limit) => advance(state, () => Math.max(state.events.now, Math.min(limit, state.wakeAt))),
    result: () => resultOf(state),
  };
}

function advance(state: WorldState, limit: () => EpochMs): void {
  for (let next = nextEventAt(state); next <= limit(); next = nextEventAt(state)) {
    state.events.runAt(next);
    runScheduler(state);
  }
  state.events.runAt(limit());
}

function nextEventAt({ queue, events }: WorldState): EpochMs {
  return queue.dirty ? events.now : events.nextAt();
}

function stagnatesAt({ openRows, runningRows, comingRows, progressAt }: WorldState): EpochMs {
  const waits = openRows > 0 && runningRows === 0 && comingRows === 0;
  return waits ? progressAt + STAGNATION_MS : Number.POSITIVE_INFINITY;
}

function resultOf(state: WorldState): WorldResult {
  const { launches, interruptions, evictions, replacements } = state.account;
  return {
    ...settle(state),
    startedAt: state.startAt,
    endedAt: state.events.now,
    gpuMsUsed: gpuMsHeld(state),
    launches,
    interruptions,
    evictions,
    replacements,
    rows: outcomesOf(state),
    stays: staysOf(state),
  };
}

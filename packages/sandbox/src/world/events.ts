import { AutoscalerError, type EpochMs } from "@gpu-autoscaler/core";
import TinyQueue from "tinyqueue";

/** Something that will happen. */
export interface ScheduledEvent {
  readonly at: EpochMs;
  readonly sequence: number;
  run: (() => void) | null;
}

/** The world's clock and what it will bring. Events of one time run in the order they were scheduled. */
export interface EventQueue {
  readonly now: EpochMs;
  /** Events that have run. */
  readonly count: number;
  /** The time of the next event; Infinity when nothing is to come. */
  nextAt(): EpochMs;
  /** Schedules for `at`, or for now where that is past. */
  schedule(at: EpochMs, run: () => void): ScheduledEvent;
  cancel(event: ScheduledEvent): void;
  /** Moves the clock to `at` and runs every event of that time, also those that these add. */
  runAt(at: EpochMs): void;
}

export function createEventQueue(startAt: EpochMs): EventQueue {
  const queue = new TinyQueue<ScheduledEvent>([], (a, b) => a.at - b.at || a.sequence - b.sequence);
  let now = startAt;
  let sequence = 0;
  let count = 0;

  function next(): ScheduledEvent | undefined {
    while (queue.peek()?.run === null) queue.pop();
    return queue.peek();
  }

  return {
    get now() {
      return now;
    },
    get count() {
      return count;
    },
    nextAt: () => next()?.at ?? Number.POSITIVE_INFINITY,
    schedule(at, run) {
      const event: ScheduledEvent = { at: Math.max(at, now), sequence: sequence++, run };
      queue.push(event);
      return event;
    },
    cancel(event) {
      event.run = null;
    },
    runAt(at) {
      if (at < now) throw new AutoscalerError("sandbox-time", `time runs forward: ${at} is before ${now}`);
      now = at;
      for (let event = next(); event && event.at <= now; event = next()) {
        queue.pop();
        count += 1;
        const run = event.run;
        event.run = null;
        run?.();
      }
    },
  };
}

import type { ControllerState } from "@gpu-autoscaler/core";
import * as z from "zod";

/** The format that this version reads and writes. */
export const STATE_FORMAT = 1;

const Text = z.string();
const EpochMs = z.int();

const LaunchIntent = z.strictObject({
  group: Text,
  zone: Text,
  count: z.int(),
  gang: Text.nullable(),
  pods: z.array(z.array(Text)),
  createdAt: EpochMs,
  instances: z.array(z.strictObject({ id: Text, zone: Text, instanceType: Text })).nullable(),
});

const Drain = z.strictObject({
  instanceId: Text,
  since: EpochMs,
  reason: z.enum(["NodeEmpty", "NodeUnderused", "NodeReplaced", "SpotInterruption"]),
});

/**
 * The state as it is stored. A field that is not known is refused: it would be lost at the next
 * write, and with it what another version wanted to remember.
 */
const StoredControllerState = z.strictObject({
  format: z.literal(STATE_FORMAT),
  cluster: Text,
  paused: z.array(Text),
  launches: z.record(Text, LaunchIntent),
  emptySince: z.record(Text, EpochMs),
  keepTimes: z.record(
    Text,
    z.strictObject({ gone: z.record(Text, EpochMs), costsMs: z.array(z.int()), nodes: z.int() }),
  ),
  underusedSince: z.record(Text, EpochMs),
  drainRests: z.record(Text, EpochMs),
  headroom: z.record(Text, z.strictObject({ since: EpochMs, instance: Text.nullable(), spent: z.boolean() })),
  draining: z.record(Text, Drain),
  capacityErrors: z.record(
    Text,
    z.strictObject({ code: Text, failures: z.int(), lastAt: EpochMs, retryAt: EpochMs }),
  ),
  interruptions: z.record(
    Text,
    // Earlier versions did not count the hours.
    z.strictObject({ count: z.number(), nodeHours: z.number().default(0), lastAt: EpochMs }),
  ),
  displaced: z.record(Text, z.strictObject({ until: EpochMs, times: z.int() })),
  unfilled: z.record(Text, z.strictObject({ desired: z.int(), since: EpochMs })),
  waiting: z.array(Text),
  reasonsDigest: Text,
});

/** Without the difference between what may be written and what may be absent. */
type Deep<T> = T extends object ? { readonly [K in keyof T]-?: Deep<T[K]> } : T;

/**
 * The text to store. Does not compile when the model has come to hold what the schema would refuse
 * to read: a state that was written and cannot be read stops the planner.
 */
export function stateText(state: Deep<ControllerState>): string {
  return JSON.stringify(state satisfies Deep<z.infer<typeof StoredControllerState>>);
}

/** Reads a stored state; says what is wrong with it, and where, when it is none. */
export function readState(
  input: unknown,
):
  | { readonly state: Deep<ControllerState>; readonly problem: null }
  | { readonly state: null; readonly problem: string } {
  const { data, error } = StoredControllerState.safeParse(input);
  return data ? { state: data, problem: null } : { state: null, problem: z.prettifyError(error) };
}

import { createClusterPorts, openDynamoTable } from "@gpu-autoscaler/adapters";
import {
  type Clock,
  decide,
  type EpochMs,
  type Policy,
  type Ports,
  runTick,
  SECOND_MS,
  type Snapshot,
} from "@gpu-autoscaler/core";
import type { Environment } from "./environment.ts";
import { createLoggedDecisions } from "./logged-decisions.ts";
import type { Figures, TICK_METRICS } from "./metric-table.ts";
import type { Log } from "./telemetry.ts";
import { tickFigures } from "./tick-figures.ts";

/** What is kept of a function's time for a tick to write down what it did. */
const TO_WRITE_MS = 5 * SECOND_MS;

/** Runs ticks until nobody asks for another. null: another function runs one, and will run once more. */
export type TickRun = (end: EpochMs) => Promise<Figures<typeof TICK_METRICS> | null>;

/**
 * Ticks of one cluster, by one warm function. `end`: when the function will be stopped; nothing in
 * the world is asked or changed in the last seconds before it.
 */
export function createTickRun(
  policy: Policy,
  { tableName, metricsUrl }: Environment,
  log: Log,
  clock: Clock,
): TickRun {
  let deadline: EpochMs = 0;
  const table = openDynamoTable({ region: policy.region, clock }, tableName);
  const { ports } = createClusterPorts(
    policy,
    { clock, metricsUrl, deadline: () => deadline },
    {
      table,
      told: { "the function's log": createLoggedDecisions((line) => log.info("decision", { ...line })) },
      onLogProblem: ({ log: told, error }) => log.warn(`decisions could not be told to ${told}`, { error }),
    },
  );
  return async (end) => {
    deadline = end - TO_WRITE_MS;
    const { tick, snapshot } = await seenTick(ports, policy, end);
    if (tick === null || snapshot === null) {
      log.info("another tick of the cluster runs, and will run once more");
      return null;
    }
    if (tick.anotherIsWanted)
      log.warn("another tick was asked for and there was no time left: the schedule runs it");
    return tickFigures(tick, snapshot, metricsUrl !== null);
  };
}

/** A tick, and the last snapshot that it decided on. */
async function seenTick(ports: Ports, policy: Policy, end: EpochMs) {
  const seen: { snapshot: Snapshot | null } = { snapshot: null };
  const decideAndSee: typeof decide = (snapshot, by, now) => {
    seen.snapshot = snapshot;
    return decide(snapshot, by, now);
  };
  const tick = await runTick(ports, policy, decideAndSee, end);
  return { tick, ...seen };
}

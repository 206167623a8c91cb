import { joinDecisionLogs, type LogProblem } from "@gpu-autoscaler/adapters";
import { AutoscalerError, type DecisionLog, reason, type TickRecord } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";

const FORBIDDEN = new AutoscalerError("kubernetes-forbidden", "create events: allow it in the ClusterRole");

function aRecord(decidedAt: number): TickRecord {
  return { cluster: "test", decidedAt, effects: [], demand: [], nodes: [], problems: [], outcomes: [] };
}

/** A log that keeps what came, and fails with each error in turn. */
function aLog(...errors: readonly (unknown | null)[]) {
  const records: TickRecord[] = [];
  const rest = [...errors];
  const log: DecisionLog = {
    async append(record) {
      const error = rest.shift() ?? null;
      if (error !== null) throw error;
      records.push(record);
    },
  };
  return { ...log, records };
}

function joined(kept: DecisionLog, told: Readonly<Record<string, DecisionLog>>) {
  const problems: LogProblem[] = [];
  return { problems, ...joinDecisionLogs({ kept, told, onProblem: (problem) => problems.push(problem) }) };
}

test("each record goes to every log", async () => {
  const [kept, events, lines] = [aLog(), aLog(), aLog()];
  const { append } = joined(kept, { events, lines });
  await append(aRecord(1));
  for (const { records } of [kept, events, lines]) expect(records).toEqual([aRecord(1)]);
});

test("a log that may fail and does is told of at once, and in the next record only", async () => {
  const [kept, lines] = [aLog(), aLog()];
  const { append, problems } = joined(kept, { "Kubernetes Events": aLog(FORBIDDEN), lines });
  for (const decidedAt of [1, 2, 3]) await append(aRecord(decidedAt));
  expect(problems).toEqual([{ log: "Kubernetes Events", error: FORBIDDEN }]);
  expect(kept.records.map((record) => record.problems)).toEqual([
    [],
    [reason("CallFailed", "Kubernetes Events: create events: allow it in the ClusterRole")],
    [],
  ]);
  expect(lines.records).toEqual([1, 2, 3].map(aRecord));
});

test("a record that cannot be kept fails the tick, and is told to nobody", async () => {
  const events = aLog();
  const { append, problems } = joined(aLog(FORBIDDEN), { events });
  await expect(append(aRecord(1))).rejects.toBe(FORBIDDEN);
  expect(events.records).toEqual([]);
  expect(problems).toEqual([]);
});

test("a problem waits for a record that is kept", async () => {
  const kept = aLog(null, FORBIDDEN);
  const { append } = joined(kept, { events: aLog(FORBIDDEN) });
  await append(aRecord(1));
  await expect(append(aRecord(2))).rejects.toBe(FORBIDDEN);
  await append(aRecord(3));
  expect(kept.records.at(-1)?.problems).toMatchObject([{ code: "CallFailed" }]);
});

test("a fault of the program is thrown, once the other logs have the record", async () => {
  const lines = aLog();
  const { append } = joined(aLog(), { events: aLog(new TypeError("no such thing")), lines });
  await expect(append(aRecord(1))).rejects.toMatchObject({ errors: [{ message: "no such thing" }] });
  expect(lines.records).toHaveLength(1);
});

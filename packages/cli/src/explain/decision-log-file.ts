import { AutoscalerError, type EpochMs, type TickRecord } from "@gpu-autoscaler/core";
import { fileLines } from "./file-lines.ts";
import { readLogLine } from "./log-line.ts";

/** A decision log as `simulate --events` writes it, every line of which can be read. */
export interface DecisionLogFile {
  /** In the order of the file. */
  readonly policies: readonly string[];
  /** The decisions of a policy up to a time, oldest first. */
  records(policy: string, until: EpochMs): Iterable<TickRecord>;
}

/** More than these are counted, not shown. */
const SHOWN_PROBLEMS = 20;

/**
 * Reads the log through once, so that a broken line is refused wherever it stands.
 *
 * @throws AutoscalerError "unreadable-file"; "invalid-log" with the number and the problem of each
 * broken line; "empty-log"
 */
export function openDecisionLog(file: string): DecisionLogFile {
  const lastAt = new Map<string, EpochMs>();
  const problems: string[] = [];
  try {
    for (const { number, line } of numberedLines(file)) {
      const read = readLogLine(line);
      const problem = read.problem ?? whyOutOfOrder(read, lastAt);
      if (problem !== null) problems.push(`line ${number}: ${problem}`);
      if (read.problem === null) lastAt.set(read.policy, read.record.decidedAt);
    }
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AutoscalerError("unreadable-file", `The decision log ${file} cannot be read: ${detail}`, {
      cause,
    });
  }
  if (problems.length > 0) throw invalidLog(file, problems);
  if (lastAt.size === 0) {
    throw new AutoscalerError(
      "empty-log",
      `The decision log ${file} holds no decision: simulate --events FILE writes one`,
    );
  }
  return {
    policies: [...lastAt.keys()],
    *records(policy, until) {
      for (const { line } of numberedLines(file)) {
        const read = readLogLine(line);
        if (read.problem === null && read.policy === policy && read.record.decidedAt <= until)
          yield read.record;
      }
    },
  };
}

/** From 1; blank ones are left out. */
function* numberedLines(file: string): Generator<{ readonly number: number; readonly line: string }> {
  let number = 0;
  for (const line of fileLines(file)) {
    number++;
    if (line.trim()) yield { number, line };
  }
}

function whyOutOfOrder(
  { policy, record }: { readonly policy: string; readonly record: TickRecord },
  lastAt: ReadonlyMap<string, EpochMs>,
): string | null {
  const before = lastAt.get(policy);
  const isInOrder = before === undefined || before <= record.decidedAt;
  return isInOrder ? null : `is of an earlier time than the decision of ${policy} before it`;
}

function invalidLog(file: string, problems: readonly string[]): AutoscalerError {
  const first = problems.slice(0, SHOWN_PROBLEMS);
  const others = problems.length - first.length;
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = [...first, ...(others > 0 ? [`and ${others} more`] : [])].map((each) => `  ${each}`);
  return new AutoscalerError("invalid-log", `The decision log ${file} has ${count}:\n${lines.join("\n")}`, {
    data: { file, problems: first, count: problems.length },
  });
}

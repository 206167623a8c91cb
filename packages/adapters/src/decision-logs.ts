import { AutoscalerError, type DecisionLog, type Reason, reason } from "@gpu-autoscaler/core";

/** A log that could not tell of a record. */
export interface LogProblem {
  /** Which log, in words: "Kubernetes Events". */
  readonly log: string;
  /** Its message names the mend. */
  readonly error: AutoscalerError;
}

export interface DecisionLogs {
  /** Holds every record: where it cannot, the tick is told. */
  readonly kept: DecisionLog;
  /** By name, logs that tell of records to those who look elsewhere. No tick fails because they do. */
  readonly told: Readonly<Record<string, DecisionLog>>;
  /** Hears at once of each of them that fails, to log it. */
  readonly onProblem: (problem: LogProblem) => void;
}

/**
 * One log of several. What `told` could not tell is a problem of the next record, so that it shows
 * where decisions are looked at, too. `append` throws what `kept` throws, and errors of `told` that
 * no port raises on purpose, once all others have the record.
 */
export function joinDecisionLogs({ kept, told, onProblem }: DecisionLogs): DecisionLog {
  let untold: readonly Reason[] = [];

  return {
    async append(record) {
      await kept.append(
        untold.length === 0 ? record : { ...record, problems: [...record.problems, ...untold] },
      );
      untold = [];
      const names = Object.keys(told);
      const results = await Promise.allSettled(names.map((name) => told[name]?.append(record)));
      const unexpected: unknown[] = [];
      for (const [i, result] of results.entries()) {
        if (result.status === "fulfilled") continue;
        const [log = "", error] = [names[i], result.reason];
        if (!(error instanceof AutoscalerError)) {
          unexpected.push(error);
          continue;
        }
        untold = [...untold, reason("CallFailed", `${log}: ${error.message}`)];
        onProblem({ log, error });
      }
      if (unexpected.length > 0) throw new AggregateError(unexpected, "decisions could not be told");
    },
  };
}

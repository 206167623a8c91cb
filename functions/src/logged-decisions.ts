import type { DecisionLog } from "@gpu-autoscaler/core";
import { type DecisionLine, decisionLines } from "./decision-lines.ts";

/**
 * A log line for each pool that acts, or of which something else is said than the last time that
 * this process said something.
 */
export function createLoggedDecisions(log: (line: DecisionLine) => void): DecisionLog {
  let saidBefore: ReadonlyMap<string | null, string> = new Map();
  return {
    async append(record) {
      const said = new Map<string | null, string>();
      for (const line of decisionLines(record)) {
        const text = JSON.stringify(line);
        said.set(line.pool, text);
        if (line.effects.length > 0 || saidBefore.get(line.pool) !== text) log(line);
      }
      saidBefore = said;
    },
  };
}

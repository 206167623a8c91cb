import type { DecisionLog, TickRecord } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";

export interface DecisionLogSubject {
  readonly log: DecisionLog;
  /** What the log holds, oldest first. */
  read(): readonly TickRecord[] | Promise<readonly TickRecord[]>;
}

/** Every decision log keeps to this. `aRecord` makes a record that is told from others by its time. */
export function decisionLogContract(
  name: string,
  makeSubject: () => DecisionLogSubject | Promise<DecisionLogSubject>,
  aRecord: (decidedAt: number) => TickRecord,
): void {
  describe(`decision log: ${name}`, () => {
    test("keeps every record, whole, in the order in which they came", async () => {
      const { log, read } = await makeSubject();
      const records = [1_767_225_600_000, 1_767_225_660_000].map(aRecord);
      for (const record of records) await log.append(record);
      expect(await read()).toEqual(records);
    });
  });
}

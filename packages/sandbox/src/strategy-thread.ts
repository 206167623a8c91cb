import { parentPort, workerData } from "node:worker_threads";
import type { TickRecord } from "@gpu-autoscaler/core";
import type { PolicyRunResult } from "./run-policy.ts";
import { runResult } from "./run-result.ts";
import { playStrategy, type RunResult, type Setting } from "./simulate.ts";

/** The program of a thread that plays the strategies that it is told the names of. */

/** What the thread is started with. */
export interface ThreadData {
  readonly setting: Setting;
  /** Whether somebody listens to decisions, and to all that a run came to: much to be copied. */
  readonly tells: { readonly records: boolean; readonly runs: boolean };
}

/** What it tells of the strategy that it plays, in order; the result is the last. */
export type ThreadNews =
  | { readonly done: number }
  | { readonly record: TickRecord }
  | { readonly result: RunResult; readonly run: PolicyRunResult | null };

const { setting, tells } = workerData as ThreadData;
const tell = (news: ThreadNews) => parentPort?.postMessage(news);

parentPort?.on("message", async (name: string) => {
  const run = await playStrategy(setting, name, {
    onProgress: (done) => tell({ done }),
    ...(tells.records && { onRecord: (record) => tell({ record }) }),
  });
  tell({ result: runResult(name, run), run: tells.runs ? run : null });
});

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Answered, Invocation } from "./lambda-process.ts";

/** A warm function. */
export interface Lambda {
  /** Rejects as Lambda reports an error of the handler. */
  invoke(event: unknown, options?: { aheadMs?: number; remainingMs?: number }): Promise<unknown>;
  /** What it wrote to its log, as the JSON that each line is. */
  readonly lines: readonly Record<string, unknown>[];
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL("lambda-process.ts", import.meta.url));

/** Starts a bundled function with nothing in its environment but this. */
export async function startLambda(
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<Lambda> {
  const child = fork(PROGRAM, [file], { env: environment, silent: true, serialization: "advanced" });
  const lines: Record<string, unknown>[] = [];
  const read = (stream: NodeJS.ReadableStream | null) => {
    if (stream) createInterface({ input: stream }).on("line", (line) => lines.push(parsed(line)));
  };
  read(child.stdout);
  read(child.stderr);
  const ended = once(child, "exit");
  await Promise.race([
    once(child, "message"),
    ended.then(() => {
      throw new Error(`the function did not start: ${JSON.stringify(lines)}`);
    }),
  ]);
  let turn: Promise<unknown> = Promise.resolve();
  return {
    lines,
    invoke(event, { aheadMs = 0, remainingMs = 120_000 } = {}) {
      const next = turn.then(() => ask(child, { event, aheadMs, remainingMs }));
      turn = next.catch(() => undefined);
      return next;
    },
    async stop() {
      await turn;
      child.disconnect();
      await ended;
    },
  };
}

async function ask(child: ChildProcess, invocation: Invocation): Promise<unknown> {
  child.send(invocation);
  const [answer]: Answered[] = await once(child, "message");
  if (!answer) throw new Error("the function answered nothing");
  if (answer.error !== null)
    throw Object.assign(new Error(answer.error.message), { name: answer.error.name });
  return answer.result;
}

function parsed(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line);
  } catch {
    return { text: line };
  }
}

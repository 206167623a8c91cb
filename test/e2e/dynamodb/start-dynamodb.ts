import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Fate, startLoopbackProxy } from "../loopback-proxy.ts";
import { findDynamoDbLocal } from "./local-jar.ts";

/** DynamoDB Local behind a proxy that can disturb its callers. */
export interface DynamoDb {
  readonly endpoint: string;
  /** Operations that were called, in order: "PutItem", "Query", … */
  readonly calls: readonly string[];
  /** Decides the fate of calls from now on; null lets all pass. */
  disturb(fateOf: ((operation: string) => Fate | Promise<Fate>) | null): void;
  stop(): Promise<void>;
}

/** Starts DynamoDB Local, empty and in memory, on 127.0.0.1; or says loudly why it cannot. */
export async function startDynamoDb(): Promise<DynamoDb | { readonly missing: string }> {
  const found = await findDynamoDbLocal();
  if ("missing" in found) {
    const line = "!".repeat(100);
    process.stderr.write(`\n${line}\nDynamoDB could not be started: ${found.missing}.\n${line}\n\n`);
    return found;
  }
  const server = launch(found.folder);
  const calls: string[] = [];
  let fate: ((operation: string) => Fate | Promise<Fate>) | null = null;
  const proxy = await startLoopbackProxy(
    `http://127.0.0.1:${await portOf(server)}`,
    ({ headers: { "x-amz-target": target } }) => {
      const operation = String(target).split(".")[1] ?? "";
      calls.push(operation);
      return fate ? fate(operation) : "forward";
    },
  );
  return {
    endpoint: proxy.endpoint,
    calls,
    disturb: (fateOf) => {
      fate = fateOf;
    },
    async stop() {
      await proxy.stop();
      const ended = new Promise((resolve) => server.once("exit", resolve));
      // The launcher ends with its standard input, also when the test dies without stopping it.
      server.stdin?.end();
      await ended;
    },
  };
}

/** DynamoDB's answer to one who asks for more than the table gives. */
export const THROTTLED = refusal(
  "ProvisionedThroughputExceededException",
  "The level of configured provisioned throughput for the table was exceeded.",
);

/** An answer that refuses, with AWS's code. */
export function refusal(code: string, message: string): Fate {
  const __type = `com.amazonaws.dynamodb.v20120810#${code}`;
  return {
    status: 400,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify({ __type, message }),
  };
}

const JAVA = "java";

function launch(folder: string): ChildProcess {
  return spawn(
    JAVA,
    [
      "-Xmx256m",
      "-Djava.library.path=DynamoDBLocal_lib",
      "-cp",
      "DynamoDBLocal.jar:DynamoDBLocal_lib/*",
      join(import.meta.dirname, "LoopbackServer.java"),
    ],
    { cwd: folder, stdio: ["pipe", "pipe", "inherit"] },
  );
}

async function portOf(server: ChildProcess): Promise<number> {
  if (!server.stdout) throw new Error("DynamoDB Local has no standard output");
  for await (const line of createInterface(server.stdout)) {
    const port = /^listening on (\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    // What it says later is nobody's business, but must not fill the pipe.
    server.stdout.resume();
    return Number(port);
  }
  throw new Error("DynamoDB Local ended before it listened");
}

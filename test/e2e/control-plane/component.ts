import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A program that runs. */
export interface Component {
  readonly name: string;
  readonly logFile: string;
  /** How it ended, or null while it runs. */
  ended(): string | null;
  /** Ends it at once: its data are thrown away. */
  kill(): Promise<void>;
}

/** Starts a program whose output goes to `<name>.log` of a folder. It ends with this process at the latest. */
export function startComponent(program: string, flags: readonly string[], logFolder: string): Component {
  const name = basename(program);
  const logFile = join(logFolder, `${name}.log`);
  const log = openSync(logFile, "a");
  const child = spawn(program, [...flags], { stdio: ["ignore", log, log] });
  closeSync(log);
  let how: string | null = null;
  const end = new Promise<void>((resolve) => {
    const note = (what: string) => {
      how = what;
      resolve();
    };
    child.on("error", (error) => note(error.message));
    child.on("exit", (code, signal) => note(`it ended with ${signal ?? `code ${code}`}`));
  });
  const killNow = () => void child.kill("SIGKILL");
  endWithThisProcess(killNow);
  return {
    name,
    logFile,
    ended: () => how,
    async kill() {
      atTheEnd.delete(killNow);
      if (isRunning(child)) killNow();
      await end;
    },
  };
}

const atTheEnd = new Set<() => void>();

/** However it ends, unless it is killed outright. */
function endWithThisProcess(kill: () => void): void {
  if (atTheEnd.size === 0) {
    process.once("exit", endAll);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        endAll();
        // Nobody listens for it now: it ends this process as it would have.
        process.kill(process.pid, signal);
      });
    }
  }
  atTheEnd.add(kill);
}

function endAll(): void {
  for (const kill of atTheEnd) kill();
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

/** Waits until it serves; throws with the end of its log when it ends before that, or after 60 s. */
export async function untilReady(component: Component, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isReady().catch(() => false))) {
    const ended = component.ended() ?? (Date.now() > deadline ? "it was not ready within 60 s" : null);
    if (ended !== null) {
      const log = await readFile(component.logFile, "utf8");
      throw new Error(
        `${component.name} did not start: ${ended}. The end of its log:\n${log.slice(-LOG_SHOWN)}`,
      );
    }
    await sleep(25);
  }
}

const LOG_SHOWN = 4_000;

/** Ports of 127.0.0.1 that nobody listens on now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.on("error", reject);
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

import { randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Longer than the slowest build. */
const DEADLINE_MS = 40 * 60_000;

/**
 * Runs `work` while no other process of this machine does under the same path: a file that holds
 * the owner's pid. One whose owner is gone is taken over. Throws after 40 min of waiting.
 */
export async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await taken(path))) {
    if (Date.now() > deadline) throw new Error(`another process has held ${path} for too long: remove it`);
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await sleep(500);
  }
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** By a link, so that the file is never there without its pid. */
async function taken(path: string): Promise<boolean> {
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, String(process.pid));
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const pid = Number(await readFile(path, "utf8").catch(() => ""));
  // 0: the owner has just let go.
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "./lock.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("who comes second works when the first is done", async () => {
  const path = join(folder, "lock");
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await sleep(100);
    seen.push(`${name} ends`);
  };
  const first = withLock(path, work("first"));
  await sleep(20);
  await Promise.all([first, withLock(path, work("second"))]);
  expect(seen).toEqual(["first begins", "first ends", "second begins", "second ends"]);
});

test("a lock is let go when the work fails", async () => {
  const path = join(folder, "lock");
  await expect(withLock(path, () => Promise.reject(new Error("the build broke")))).rejects.toThrow("broke");
  await withLock(path, async () => {});
});

test("the lock of a process that is gone is taken over", async () => {
  const path = join(folder, "lock");
  const gone = execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" });
  await writeFile(path, gone);
  await withLock(path, async () => {});
});

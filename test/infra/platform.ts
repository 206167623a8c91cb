import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { cacheFolder, installEnvironment } from "../environment.ts";
import { ROOT } from "./repository.ts";

const run = promisify(execFile);

/** It is 320 MB, and takes a minute. */
const INSTALL_WITHIN_MS = 500_000;

/** SST's platform: the sources and types that sst.config.ts runs on. */
export interface Platform {
  /** A folder with what `sst install` makes: `platform` and `provider-lock.json`. */
  readonly folder: string;
}

/** Finds the platform of this repository's versions, or installs it once; else says why there is none. */
export async function findPlatform(): Promise<Platform | { readonly missing: string }> {
  const home = join(cacheFolder, `sst-${await sstVersion()}-aws-${await providerVersion()}`);
  const folder = join(home, ".sst");
  if (await isThere(join(folder, "provider-lock.json"))) return { folder };
  process.stderr.write("Installing SST's platform (320 MB), once …\n");
  await mkdir(cacheFolder, { recursive: true });
  const fresh = await mkdtemp(join(cacheFolder, "sst-"));
  try {
    await install(fresh);
    await mkdir(home, { recursive: true });
    // Two test runs may meet here: whoever comes second finds the folder there.
    await rename(join(fresh, ".sst"), folder).catch(() => undefined);
    await rm(fresh, { recursive: true });
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    return { missing: `SST's platform could not be installed: ${String(error)}` };
  }
  return { folder };
}

/** What `sst install` makes anew, and what it does not look at. */
const NOT_COPIED: ReadonlySet<string> = new Set([".git", ".sst", "node_modules"]);

/** In a folder of its own, so that the checkout stays as it is: `sst install` bundles sst.config.ts with all that it imports. */
async function install(folder: string): Promise<void> {
  for (const name of await readdir(ROOT)) {
    if (!NOT_COPIED.has(name)) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await run(join(ROOT, "node_modules/.bin/sst"), ["install", "--stage", "test"], {
    cwd: folder,
    timeout: INSTALL_WITHIN_MS,
    env: { ...installEnvironment, ...QUIET },
  });
  if (!(await isThere(join(folder, ".sst/provider-lock.json"))))
    throw new Error("it left no provider-lock.json");
}

/** SST calls nobody, and uses npm. */
export const QUIET = {
  SST_TELEMETRY_DISABLED: "1",
  SST_SKIP_DEPENDENCY_CHECK: "1",
  NO_BUN: "1",
  SST_NO_BUN: "1",
} as const;

async function sstVersion(): Promise<string> {
  const text = await readFile(join(ROOT, "node_modules/sst/package.json"), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

async function providerVersion(): Promise<string> {
  const text = await readFile(join(ROOT, "sst.config.ts"), "utf8");
  const [, version] = /aws: \{ version: "([\d.]+)"/.exec(text) ?? [];
  if (version === undefined) throw new RangeError("sst.config.ts names no version of the provider aws");
  return version;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

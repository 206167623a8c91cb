import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { chromiumPath } from "../environment.ts";

const run = promisify(execFile);

const ON_PATH = ["chromium", "chromium-browser", "google-chrome"];

/** A Chromium that runs, or why there is none. */
export type Found = { readonly browser: Browser } | { readonly missing: string };

/**
 * Starts the Chromium that CHROMIUM_PATH names; else one on the PATH; else, as root of a Debian, the
 * package `chromium`, which is installed. Where there is none, that is told loudly.
 */
export async function startChromium(): Promise<Found> {
  const path = await findChromium();
  if (path === null) {
    const missing =
      "no Chromium: set CHROMIUM_PATH, put chromium on the PATH, or run as root of a Debian with apt-get";
    process.stderr.write(
      `\n${"!".repeat(100)}\nThe page could not be opened: ${missing}.\n${"!".repeat(100)}\n\n`,
    );
    return { missing };
  }
  // Chromium's own sandbox does not start as root, and the page is ours.
  return { browser: await chromium.launch({ executablePath: path, args: ["--no-sandbox"] }) };
}

async function findChromium(): Promise<string | null> {
  if (chromiumPath !== undefined) {
    // A path that is set and wrong is a mistake, not a machine without a browser.
    await access(chromiumPath, constants.X_OK);
    return chromiumPath;
  }
  return (await onPath()) ?? ((await installed()) ? onPath() : null);
}

async function onPath(): Promise<string | null> {
  for (const name of ON_PATH) {
    const path = await answer("sh", ["-c", `command -v ${name}`]);
    if (path) return path;
  }
  return null;
}

async function installed(): Promise<boolean> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !(await answer("sh", ["-c", "command -v apt-get"]))) return false;
  process.stderr.write("Installing Debian's chromium, once …\n");
  const aptGet = (...argv: string[]) => answer("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", ...argv]);
  await aptGet("update");
  return (await aptGet("install", "-y", "--no-install-recommends", "chromium")) !== null;
}

/** What a command prints, or null when it fails. */
async function answer(command: string, argv: readonly string[]): Promise<string | null> {
  try {
    return (await run(command, [...argv], { maxBuffer: 64 * 1024 ** 2 })).stdout.trim();
  } catch {
    return null;
  }
}

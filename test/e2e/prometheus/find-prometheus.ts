import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../environment.ts";

const run = promisify(execFile);

/** Where prometheus and promtool are, or why they are not. */
export type Tools = { readonly prometheus: string; readonly promtool: string } | { readonly missing: string };

/**
 * Those on the PATH; else Debian's package `prometheus`, downloaded once and unpacked into the cache:
 * so no service is installed, and nobody needs to be root where apt knows its packages.
 */
export async function findPrometheus(): Promise<Tools> {
  const onPath = await answer("sh", ["-c", "command -v prometheus && command -v promtool"]);
  const [prometheus, promtool] = onPath?.split("\n") ?? [];
  if (prometheus && promtool) return { prometheus, promtool };
  const folder = join(cacheFolder, "prometheus-debian");
  if (!(await answer(toolsIn(folder).prometheus, ["--version"])) && !(await unpackInto(folder))) {
    return { missing: "no prometheus and promtool: put them on the PATH, or have a Debian with apt-get" };
  }
  return toolsIn(folder);
}

function toolsIn(folder: string) {
  const bin = join(folder, "usr", "bin");
  return { prometheus: join(bin, "prometheus"), promtool: join(bin, "promtool") };
}

async function unpackInto(folder: string): Promise<boolean> {
  if (!(await answer("sh", ["-c", "command -v apt-get && command -v dpkg-deb"]))) return false;
  process.stderr.write("Downloading Debian's prometheus, once …\n");
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(join(dirname(folder), "prometheus-"));
  const download = () => answer("apt-get", ["download", "prometheus"], fresh);
  const isDownloaded =
    (await download()) !== null ||
    ((await answer("apt-get", ["update"])) !== null && (await download()) !== null);
  const [archive] = (await readdir(fresh)).filter((name) => name.endsWith(".deb"));
  const isUnpacked =
    isDownloaded &&
    archive !== undefined &&
    (await answer("dpkg-deb", ["-x", join(fresh, archive), fresh])) !== null;
  if (isUnpacked) {
    await rm(join(fresh, archive));
    // Two test runs may meet here: whoever comes second finds the folder there.
    await rename(fresh, folder).catch(() => undefined);
  }
  await rm(fresh, { recursive: true, force: true });
  return isUnpacked;
}

/** What a command prints, or null when it fails. */
async function answer(command: string, argv: readonly string[], cwd?: string): Promise<string | null> {
  try {
    return (await run(command, [...argv], { cwd })).stdout.trim();
  } catch {
    return null;
  }
}

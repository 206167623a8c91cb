import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { FunctionName } from "../../functions/bundle.ts";
import { type DeploymentOutputs, readOutputs } from "../../packages/cli/src/reach/deployment-outputs.ts";
import { startAwsServices } from "./aws-services.ts";
import { Graph } from "./graph.ts";
import { type Platform, QUIET } from "./platform.ts";
import { ROOT } from "./repository.ts";
import { REGION, type WorldInput } from "./world.ts";

const CONFIGURATION = "autoscaler.config.ts";
/** Some 8 s on an idle machine, minutes on a loaded one. After a failed install it can hang. */
const WITHIN_MS = 400_000;

/** What a deploy would make. */
export interface Deploy extends Graph {
  /** The texts of the functions' bundles. */
  readonly bundles: Readonly<Record<FunctionName, string>>;
  /** What our commands read of the deploy's outputs. */
  readonly told: DeploymentOutputs;
}

export interface Synth {
  readonly stage: string;
  readonly configuration: object;
  readonly world: WorldInput;
}

/**
 * Runs the real `sst deploy` of the repository with another configuration, in a folder of its own,
 * and gives what it would make. Throws with the CLI's output when the deploy fails. One at a time: two
 * that begin together may find the same port free for the CLI's server.
 */
export async function synthesize(
  platform: Platform,
  { stage, configuration, world }: Synth,
): Promise<Deploy> {
  const folder = await mkdtemp(join(tmpdir(), "gpu-autoscaler-infra-"));
  const services = await startAwsServices();
  try {
    const project = join(folder, "project");
    await layOut(platform, project, configuration);
    await writeFile(join(folder, "world.json"), JSON.stringify(world));
    await standIn(folder);
    const { code, output } = await runDeploy(folder, project, stage, services.endpoint);
    const graph = await graphIn(folder);
    if (graph && code === 0 && graph.errors.length === 0) {
      return { ...graph, bundles: await bundlesIn(project), told: readOutputs(join(project, CONFIGURATION)) };
    }
    const errors = new Set(graph?.errors ?? ["the program never ran", ...(await endOfLog(project))]);
    throw new Error([...errors, output].join("\n"));
  } finally {
    await services.stop();
    await rm(folder, { recursive: true });
  }
}

/** The repository as a deploy sees it: what may change is copied, the rest linked. */
export async function layOut(platform: Platform, project: string, configuration: object): Promise<void> {
  await mkdir(join(project, ".sst"), { recursive: true });
  for (const name of ["package.json", "sst.config.ts", "infra", "functions", "deploy"]) {
    await cp(join(ROOT, name), join(project, name), { recursive: true });
  }
  await writeFile(
    join(project, CONFIGURATION),
    `import { defineConfig } from "@gpu-autoscaler/core";\n\nexport default defineConfig(${JSON.stringify(configuration, null, 2)});\n`,
  );
  await symlink(join(ROOT, "node_modules"), join(project, "node_modules"));
  await symlink(join(platform.folder, "platform"), join(project, ".sst/platform"));
  await cp(join(platform.folder, "provider-lock.json"), join(project, ".sst/provider-lock.json"));
}

/** Puts `engine.ts` where SST looks for its own copy of Pulumi. */
async function standIn(folder: string): Promise<void> {
  const bin = join(folder, "sst/bin");
  await mkdir(bin, { recursive: true });
  const engine = join(import.meta.dirname, "engine.ts");
  const script = `#!/bin/sh\nexec "${process.execPath}" "${engine}" "${folder}" "$@"\n`;
  await writeFile(join(bin, "pulumi"), script, { mode: 0o755 });
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** The environment is made from scratch: nothing in it leads to an account. */
function runDeploy(folder: string, project: string, stage: string, endpoint: string): Promise<Ended> {
  const cli = spawn(join(ROOT, "node_modules/.bin/sst"), ["deploy", "--stage", stage], {
    cwd: project,
    // The command starts others: they make a group, and are stopped together.
    detached: true,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      TMPDIR: folder,
      AWS_ACCESS_KEY_ID: "nobody",
      AWS_SECRET_ACCESS_KEY: "nothing",
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: endpoint,
      ...QUIET,
    },
  });
  const stop = () => {
    if (cli.pid !== undefined && cli.exitCode === null) process.kill(-cli.pid, "SIGKILL");
  };
  const timer = setTimeout(stop, WITHIN_MS);
  // The test may be stopped before it.
  process.once("exit", stop);
  let output = "";
  cli.stdout.on("data", (chunk) => (output += String(chunk)));
  cli.stderr.on("data", (chunk) => (output += String(chunk)));
  return new Promise((ended, failed) => {
    cli.once("error", failed);
    cli.once("close", (code, signal) => {
      clearTimeout(timer);
      process.off("exit", stop);
      const end = signal === null ? "" : `\nsst deploy was stopped after ${WITHIN_MS / 1_000} s (${signal})`;
      ended({ code, output: output + end });
    });
  });
}

/** The CLI's own last words, where it refers to its log for the rest. */
async function endOfLog(project: string): Promise<readonly string[]> {
  const log = await readFile(join(project, ".sst/log/sst.log"), "utf8").catch(() => "the CLI wrote no log");
  return log.trimEnd().split("\n").slice(-30);
}

async function bundlesIn(project: string): Promise<Deploy["bundles"]> {
  const textOf = (name: FunctionName) =>
    readFile(join(project, ".sst/functions", name, `${name}.cjs`), "utf8");
  return { tick: await textOf("tick"), interruption: await textOf("interruption") };
}

async function graphIn(folder: string): Promise<Graph | null> {
  const file = join(folder, "graph.json");
  const there = await stat(file).then(
    () => true,
    () => false,
  );
  return there ? Graph.parse(JSON.parse(await readFile(file, "utf8"))) : null;
}

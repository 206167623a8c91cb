import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { TWO_CLUSTERS } from "./configurations.ts";
import type { Platform } from "./platform.ts";
import { ROOT } from "./repository.ts";
import { layOut } from "./synth.ts";

const run = promisify(execFile);

/** What the compiler says of infra/ and sst.config.ts beside the platform; nothing when they hold. */
export async function typeErrors(platform: Platform): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), "gpu-autoscaler-types-"));
  try {
    await layOut(platform, project, TWO_CLUSTERS);
    const compiler = join(ROOT, "node_modules/.bin/tsc");
    const checked = run(compiler, ["-p", "infra/tsconfig.json"], { cwd: project });
    return (await checked.catch((error: { readonly stdout: string }) => error)).stdout;
  } finally {
    await rm(project, { recursive: true });
  }
}

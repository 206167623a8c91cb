import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  remove(): Promise<void>;
}

/** Of packages that are CommonJS still, and ask for Node.js' own modules by `require`. */
const REQUIRE =
  'import { createRequire as topLevelCreateRequire } from "node:module"; const require = topLevelCreateRequire(import.meta.url);';

/**
 * Bundles a program as SST does a function's handler (`nodejs` of sst.aws.Function with `minify`:
 * ES modules of the platform node, the packages' ES modules before their CommonJS, names kept).
 */
export async function bundled(program: string): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), "gpu-autoscaler-bundle-"));
  const file = join(folder, "bundle.mjs");
  await build({
    entryPoints: [program],
    outfile: file,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: "node",
    format: "esm",
    target: "esnext",
    mainFields: ["module", "main"],
    banner: { js: REQUIRE },
    logLevel: "error",
  });
  const { size } = await stat(file);
  return { file, bytes: size, remove: () => rm(folder, { recursive: true }) };
}

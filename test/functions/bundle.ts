import { resolve } from "node:path";
import { build, type Metafile } from "esbuild";
import { bundleFunction, bundleProgram, type FunctionName } from "../../functions/bundle.ts";

const ROOT = resolve(import.meta.dirname, "../..");

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  /** Bytes in the bundle by npm package, or by package of this repository; the largest first. */
  readonly weights: readonly { readonly name: string; readonly bytes: number }[];
}

/** A function as it is deployed, into `file`. `configuration`: a module in the place of autoscaler.config.ts. */
export async function bundled(name: FunctionName, file: string, configuration?: string): Promise<Bundle> {
  const { metafile } = await bundleFunction(ROOT, name, file, configuration);
  return bundleOf(file, metafile);
}

/** Another program of the repository, a path from its root, as functions are bundled. */
export async function bundledProgram(program: string, file: string): Promise<Bundle> {
  const { metafile } = await bundleProgram(ROOT, program, file);
  return bundleOf(file, metafile);
}

/** A program that does nothing but import what `code` imports, by esbuild's defaults for Node.js. */
export async function bundledNaively(code: string, file: string): Promise<Bundle> {
  const { metafile } = await build({
    stdin: { contents: code, resolveDir: resolve(ROOT, "packages/adapters/src"), loader: "ts" },
    absWorkingDir: ROOT,
    outfile: file,
    bundle: true,
    platform: "node",
    format: "cjs",
    metafile: true,
    logLevel: "error",
  });
  return bundleOf(file, metafile);
}

function bundleOf(file: string, { outputs }: Metafile): Bundle {
  const [output] = Object.values(outputs);
  if (!output) throw new Error(`esbuild made nothing of ${file}`);
  return { file, bytes: output.bytes, weights: weightsOf(output) };
}

function weightsOf({ inputs }: Metafile["outputs"][string]): Bundle["weights"] {
  const weights = new Map<string, number>();
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const name = packageOf(file);
    weights.set(name, (weights.get(name) ?? 0) + bytesInOutput);
  }
  return [...weights].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}

/** "@aws-sdk/client-ec2" of a file in any node_modules, "packages/core" of one of ours. */
function packageOf(file: string): string {
  const inModules = file.split("node_modules/").at(-1) ?? file;
  const parts = inModules.split("/");
  return inModules.startsWith("@") || inModules === file ? parts.slice(0, 2).join("/") : (parts[0] ?? file);
}

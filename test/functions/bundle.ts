import { join, resolve } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

const ROOT = resolve(import.meta.dirname, "../..");
const CONFIGURATION = join(ROOT, "autoscaler.config.ts");

/** The functions that are deployed: each is functions/src/<name>.ts with an exported `handler`. */
export const FUNCTIONS = ["tick", "interruption"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  /** Bytes in the bundle by npm package, or by package of this repository; the largest first. */
  readonly weights: readonly { readonly name: string; readonly bytes: number }[];
}

/** What SST 4 puts before each function (`pkg/runtime/node/build.go`). */
const SST_BANNER = [
  `import { createRequire as topLevelCreateRequire } from 'module';`,
  `const require = topLevelCreateRequire(import.meta.url);`,
  `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
  `const __filename = topLevelFileUrlToPath(import.meta.url)`,
  `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
].join("\n");

/**
 * A function as SST bundles it with `nodejs: { minify: true }`, into `file`, which ends in .mjs.
 * `configuration`: a module in the place of autoscaler.config.ts.
 */
export function bundleFunction(name: FunctionName, file: string, configuration?: string): Promise<Bundle> {
  return bundle(file, {
    entryPoints: [join(ROOT, "functions/src", `${name}.ts`)],
    mainFields: ["module", "main"],
    minify: true,
    plugins: configuration === undefined ? [] : [configuredBy(configuration)],
  });
}

/** A program that does nothing but import what `code` imports, by esbuild's defaults for Node.js. */
export function bundleNaively(code: string, file: string): Promise<Bundle> {
  return bundle(file, {
    stdin: { contents: code, resolveDir: join(ROOT, "packages/adapters/src"), loader: "ts" },
  });
}

async function bundle(outfile: string, options: BuildOptions): Promise<Bundle> {
  const { metafile } = await build({
    ...options,
    outfile,
    absWorkingDir: ROOT,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "esnext",
    keepNames: true,
    metafile: true,
    banner: { js: SST_BANNER },
    logLevel: "error",
  });
  const [output] = Object.values(metafile.outputs);
  if (!output) throw new Error(`esbuild made nothing of ${outfile}`);
  return { file: outfile, bytes: output.bytes, weights: weightsOf(output) };
}

function configuredBy(configuration: string): Plugin {
  return {
    name: "configuration",
    setup({ onResolve }) {
      onResolve({ filter: /autoscaler\.config\.ts$/ }, ({ path, resolveDir }) =>
        resolve(resolveDir, path) === CONFIGURATION ? { path: configuration } : null,
      );
    },
  };
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

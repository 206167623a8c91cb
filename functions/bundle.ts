import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type * as Esbuild from "esbuild";
import type { BuildOptions, BuildResult, Plugin } from "esbuild";

/** The functions that are deployed: each is functions/src/<name>.ts with an exported `handler`. */
export const FUNCTIONS = ["tick", "interruption"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

const CONFIGURATION = "autoscaler.config.ts";

type Bundled = BuildResult<BuildOptions & { metafile: true }>;

/**
 * Bundles a function of the repository at `root`. `configuration`: a module in the place of
 * autoscaler.config.ts.
 */
export function bundleFunction(
  root: string,
  name: FunctionName,
  file: string,
  configuration?: string,
): Promise<Bundled> {
  const plugins = configuration === undefined ? [] : [configuredBy(join(root, CONFIGURATION), configuration)];
  return bundleProgram(root, `functions/src/${name}.ts`, file, plugins);
}

/**
 * Bundles `program`, a path from `root`, into `file`: one minified CommonJS module, whose name ends
 * in .cjs. When an ES module imports node:http, Node.js loads its fetch besides, which nothing here
 * uses: 30 ms of a cold start. Rejects with what is wrong and where.
 */
export function bundleProgram(
  root: string,
  program: string,
  file: string,
  plugins: readonly Plugin[] = [],
): Promise<Bundled> {
  return esbuildOf(root).build({
    absWorkingDir: root,
    entryPoints: [program],
    outfile: file,
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    target: "node24",
    // Of packages that have both, what is not used can be left out of ES modules alone.
    mainFields: ["module", "main"],
    metafile: true,
    logLevel: "silent",
    plugins: [droppableSchemas, ...plugins],
  });
}

/** The repository's own: a deploy runs this among SST's modules, which have another version of it. */
function esbuildOf(root: string): typeof Esbuild {
  return createRequire(join(root, "package.json"))("esbuild");
}

/**
 * The AWS SDK describes the shapes of all of a client's calls in one module. Keys that are computed,
 * as its are, could have effects, so esbuild must keep what has them, used or not: of EC2 a million
 * bytes. Written out they have none.
 */
const droppableSchemas: Plugin = {
  name: "droppable-schemas",
  setup({ onLoad }) {
    onLoad(
      { filter: /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]\w+\.js$/ },
      async ({ path }) => ({
        contents: withLiteralKeys(await readFile(path, "utf8")),
        loader: "js",
      }),
    );
  },
};

function withLiteralKeys(module: string): string {
  const constants = new Map(
    [...module.matchAll(/^const (\w+) = ("[^"]*");$/gm)].map(([, name = "", literal = ""]) => [
      name,
      literal,
    ]),
  );
  return module.replace(/\[(\w+)\]:/g, (key, name) => {
    const literal = constants.get(name);
    return literal === undefined ? key : `${literal}:`;
  });
}

function configuredBy(shipped: string, configuration: string): Plugin {
  return {
    name: "configuration",
    setup({ onResolve }) {
      onResolve({ filter: /autoscaler\.config\.ts$/ }, ({ path, resolveDir }) =>
        resolve(resolveDir, path) === shipped ? { path: configuration } : null,
      );
    },
  };
}

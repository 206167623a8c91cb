import { existsSync } from "node:fs";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { AutoscalerError, type Config, type Policy, parseConfig, policyOf } from "@gpu-autoscaler/core";
import { policyForSpot, type SpotUse } from "@gpu-autoscaler/sandbox";

const MODULES = [".ts", ".mts", ".js", ".mjs"];

/**
 * The policy of the configured cluster, or null without `--config`.
 *
 * @throws AutoscalerError "invalid-config" when the file is none, or is refused by `parseConfig`;
 * "unknown-cluster"; "ambiguous-cluster" when it has several and none is named; "no-groups" when
 * the use of Spot leaves no group
 */
export async function clusterPolicy(
  options: { readonly config?: string; readonly cluster?: string },
  spot: SpotUse,
): Promise<Policy | null> {
  const { config: file, cluster } = options;
  if (file === undefined) {
    if (cluster === undefined) return null;
    throw new AutoscalerError(
      "no-config",
      `--cluster ${cluster} names a cluster of a configuration: give --config FILE too`,
    );
  }
  const policy = policyForSpot((await configuredCluster(file, cluster)).policy, spot);
  if (policy.pools.every(({ groups }) => groups.length === 0)) {
    const lacking = spot === "all" ? "spot" : "on-demand";
    throw new AutoscalerError(
      "no-groups",
      `No pool of ${policy.cluster} has ${lacking} groups: --spot ${spot} leaves nothing`,
    );
  }
  return policy;
}

/** A cluster of the configuration. */
export interface ConfiguredCluster {
  readonly config: Config["clusters"][number];
  readonly policy: Policy;
}

/**
 * The cluster of that name, or the only one of the configuration.
 *
 * @throws AutoscalerError "invalid-config", "unknown-cluster", "ambiguous-cluster" as `clusterPolicy`
 */
export async function configuredCluster(file: string, cluster?: string): Promise<ConfiguredCluster> {
  const config = parseConfig(await importDefault(file));
  const policy = policyOf(config, cluster ?? onlyCluster(config));
  const found = config.clusters.find(({ name }) => name === policy.cluster);
  if (!found) throw new RangeError(`no cluster ${policy.cluster}`);
  return { config: found, policy };
}

function onlyCluster({ clusters }: Config): string {
  const [first, ...others] = clusters.map(({ name }) => name);
  if (first !== undefined && others.length === 0) return first;
  const names = [first, ...others].join(", ");
  throw new AutoscalerError(
    "ambiguous-cluster",
    `The configuration has several clusters: name one by --cluster (${names})`,
  );
}

async function importDefault(file: string): Promise<unknown> {
  const path = resolve(file);
  if (!MODULES.includes(extname(path)))
    throw unusable(file, `is no module: give a file ending in ${MODULES.join(", ")}`);
  if (!existsSync(path)) throw unusable(file, "there is no such file");
  const module = await importModule(file, path);
  if (!("default" in module))
    throw unusable(file, "exports nothing as default: write export default defineConfig({ … })");
  return module.default;
}

async function importModule(file: string, path: string): Promise<object> {
  try {
    const module: unknown = await import(pathToFileURL(path).href);
    return typeof module === "object" && module !== null ? module : {};
  } catch (cause) {
    throw unusable(
      file,
      `cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
}

function unusable(file: string, message: string, cause?: unknown): AutoscalerError {
  return new AutoscalerError("invalid-config", `The configuration ${file}: ${message}`, {
    data: { file },
    cause,
  });
}

import type * as z from "zod";
import { checkCluster, checkClusters, type PartialCluster } from "./check-cluster.ts";
import { checkPool, type Report } from "./check-pool.ts";
import { type ConfigProblem, formatPath, invalidConfig, type Path } from "./problem.ts";
import {
  ClusterShell,
  Config,
  type ConfigInput,
  ConfigShell,
  PartialClusterShell,
  PartialConfigShell,
  PartialPool,
  PoolConfig,
} from "./schema.ts";

/** A configuration is read once a process: compiling its schemas would take twice as long as that. */
const ONCE = { jitless: true };

/** The user's configuration, typed for the editor; `parseConfig` reads and checks it. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

/**
 * Reads a configuration and fills in the defaults.
 *
 * @throws AutoscalerError "invalid-config" with every problem at once: in the message, and as
 * `data.problems`, a list of `{ path, message }`
 */
export function parseConfig(input: unknown): Config {
  const problems: ConfigProblem[] = [];
  const report: Report = (path, message) => problems.push({ path: formatPath(path), message });

  const { clusters = [] } = readPartly(ConfigShell, PartialConfigShell, input, report);
  const partial = clusters.map((cluster, at) => readCluster(cluster, within(report, ["clusters", at])));
  checkClusters(partial, report);
  if (problems.length > 0) throw invalidConfig(problems);
  return Config.parse(input, ONCE);
}

function readCluster(input: unknown, report: Report): PartialCluster {
  const { pools = [], ...shell } = readPartly(ClusterShell, PartialClusterShell, input, report);
  const cluster = { ...shell, pools: pools.map((pool, at) => readPool(pool, within(report, ["pools", at]))) };
  checkCluster(cluster, report);
  return cluster;
}

function readPool(input: unknown, report: Report): PartialPool {
  const pool = readPartly(PoolConfig, PartialPool, input, report);
  checkPool(pool, new Set(Object.keys(asObject(input))), report);
  return pool;
}

/**
 * Reads what can be read of an object: fields with problems are reported and left out, so that
 * what concerns several fields can still be checked for the others.
 */
function readPartly<Part extends z.ZodType>(
  whole: z.ZodType,
  partial: Part,
  input: unknown,
  report: Report,
): z.output<Part> {
  const issues = whole.safeParse(input, ONCE).error?.issues ?? [];
  const broken = new Set<PropertyKey>();
  for (const issue of issues) {
    const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
    const [only] = keys.length === 1 ? keys : [];
    report(only === undefined ? issue.path : [...issue.path, only], issue.message);
    for (const key of issue.path.length > 0 ? issue.path.slice(0, 1) : keys) broken.add(key);
  }
  const rest = Object.entries(asObject(input)).filter(([key]) => !broken.has(key));
  return partial.parse(Object.fromEntries(rest), ONCE);
}

function asObject(input: unknown): object {
  return typeof input === "object" && input !== null && !Array.isArray(input) ? input : {};
}

function within(report: Report, base: Path): Report {
  return (path, message) => report([...base, ...path], message);
}

import { AutoscalerError, nearestNames, type Policy } from "@gpu-autoscaler/core";
import { configuredCluster } from "../cluster-policy.ts";
import type { CommandContext } from "../command-context.ts";

export interface PauseOptions {
  readonly config: string;
  readonly cluster?: string;
  /** The cluster as a whole unless given. */
  readonly pool?: string;
  readonly table?: string;
  readonly json?: boolean;
}

const WHOLE_CLUSTER = "*";

/**
 * Pauses or resumes a pool, or the cluster, and shows what is paused then. It acts from the next
 * decision on, without a deploy; doing it again changes nothing.
 *
 * @throws AutoscalerError "no-table"; "unknown-pool"; when the configuration is refused; what the
 * table throws
 */
export async function runPause(
  isPaused: boolean,
  options: PauseOptions,
  { stdout, reach: open }: CommandContext,
): Promise<void> {
  const { policy } = await configuredCluster(options.config, options.cluster);
  const pool = poolNamed(policy, options.pool);
  const reach = await open();
  const name = reach.tableName(options);
  if (name === null) throw new AutoscalerError("no-table", NO_TABLE);
  const table = reach.table(name, policy.region);
  const paused = await table.setPaused(policy.cluster, pool, isPaused);
  const result = { cluster: policy.cluster, region: policy.region, table: table.name, ...pausedIn(paused) };
  stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : pausedText(result, policy));
}

/** What the commands that need the deployment's table say without it. */
export const NO_TABLE =
  "no table is named: give --table NAME or set TABLE_NAME; `sst deploy` prints the name of the deployment's DynamoDB table, and leaves it in .sst/outputs.json beside the configuration, where it was looked for";

function poolNamed({ cluster, pools }: Policy, name: string | undefined): string {
  if (name === undefined) return WHOLE_CLUSTER;
  const names = pools.map((pool) => pool.name);
  if (names.includes(name)) return name;
  const near = nearestNames(name, new Set(names));
  const meant =
    near.length > 0
      ? `did you mean ${near.map((each) => `"${each}"`).join(" or ")}?`
      : `it has ${names.join(", ")}`;
  throw new AutoscalerError("unknown-pool", `cluster ${cluster} has no pool "${name}": ${meant}`, {
    data: { cluster, names },
  });
}

interface Paused {
  /** All of the cluster's pools are, whatever `pools` says. */
  readonly wholeCluster: boolean;
  /** Paused by name, in order; those that the configuration no longer has, too. */
  readonly pools: readonly string[];
}

function pausedIn(paused: readonly string[]): Paused {
  return {
    wholeCluster: paused.includes(WHOLE_CLUSTER),
    pools: paused.filter((each) => each !== WHOLE_CLUSTER),
  };
}

function pausedText(
  { wholeCluster, pools, table }: Paused & { readonly table: string },
  policy: Policy,
): string {
  const { cluster } = policy;
  if (!wholeCluster && pools.length === 0) return `cluster ${cluster}: nothing is paused (table ${table})\n`;
  const known = new Set(policy.pools.map(({ name }) => name));
  const lines = [
    ...(wholeCluster ? ["the whole cluster"] : []),
    ...pools.map((pool) => `pool ${pool}${known.has(pool) ? "" : " (the configuration has no such pool)"}`),
  ];
  return `cluster ${cluster}, paused from the next decision on (table ${table}):\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

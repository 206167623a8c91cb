import type { Bill } from "../world/index.ts";
import { type Buckets, type Level, levelOf } from "./levels.ts";

/** The nodes of a pool over time, from the launch call to the call that ends them. */
export interface PoolNodes {
  readonly pool: string;
  readonly nodes: Level;
  readonly launches: number;
  /** Nodes × time. */
  readonly nodeMs: number;
}

/** Of each pool that had a node, by name. */
export function nodesByPool(bills: readonly Bill[], start: number, buckets: Buckets): PoolNodes[] {
  return [...Map.groupBy(bills, ({ pool }) => pool)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([pool, its]) => ({
      pool,
      nodes: levelOf(
        its.map(({ launchedAt, endedAt }) => ({
          fromMs: launchedAt - start,
          untilMs: endedAt - start,
          weight: 1,
        })),
        buckets,
      ),
      launches: its.length,
      nodeMs: its.reduce((sum, { launchedAt, endedAt }) => sum + endedAt - launchedAt, 0),
    }));
}

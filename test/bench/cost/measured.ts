import { gzipSync } from "node:zlib";
import { decide } from "@gpu-autoscaler/core";
import { decisionLines } from "../../../functions/src/decision-lines.ts";
import { clusterObjectsFrom } from "../../../packages/adapters/src/kubernetes/cluster-objects.ts";
import { podNews } from "../../../packages/core/src/record/pod-news.ts";
import { recordTick } from "../../../packages/core/src/record/record-tick.ts";
import { aSnapshot, START } from "../../builders/index.ts";
import { benchPolicy, rawCluster } from "../raw-cluster.ts";

/** What a tick that decides something writes, in bytes as they are stored or sent. */
export interface Written {
  readonly record: number;
  readonly state: number;
  readonly logLines: number;
}

/**
 * Decides for a cluster of `nodes` nodes in 50 pools, ten pods a node and a tenth of them pending:
 * much more than most clusters decide in a minute.
 */
export function writtenBy(nodes: number): Written {
  const policy = benchPolicy();
  const raw = { ...rawCluster(policy, nodes), namespaces: [], at: START };
  const { gaps: _, at: __, ...objects } = clusterObjectsFrom(raw);
  const snapshot = aSnapshot(policy, objects);
  const plan = decide(snapshot, policy, START);
  const news = podNews(snapshot, plan);
  const record = recordTick(snapshot, [plan], plan.effects, [], news);
  return {
    record: stored(record),
    state: stored({ ...plan.state, waiting: news.waiting }),
    logLines: Buffer.byteLength(
      decisionLines(record)
        .map((line) => JSON.stringify(line))
        .join("\n"),
    ),
  };
}

/** As packages/adapters/src/dynamodb/body.ts stores what is larger than 1 KB. */
function stored(value: unknown): number {
  return gzipSync(JSON.stringify(value)).byteLength;
}

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startControlPlane } from "../e2e/control-plane/control-plane.ts";
import { fillCluster, heartbeats, loadOf, replacePods, updateNodes } from "./kubernetes-load.ts";
import type { ReadFigures } from "./kubernetes-reader.ts";

/** What `node test/bench/kubernetes-reads.ts` prints, as JSON. */
interface ReadsReport {
  readonly nodes: number;
  readonly pods: number;
  /** The first read of a process: everything is listed. */
  readonly cold: ReadFigures;
  /** Medians of reads after which nothing had changed but one namespace. */
  readonly quiet: ReadFigures;
  /** Medians, after a hundredth of the pods was replaced and a hundredth of the nodes changed. */
  readonly churn: ReadFigures & { readonly bytesOfColdMilli: number };
  /** The same, and a fifth of the nodes reported its status, as kubelets do every 5 min, in a tick of one. */
  readonly churnAndHeartbeats: ReadFigures & { readonly bytesOfColdMilli: number };
}

const NODES = 1_000;
const CHURN = 0.01;
const HEARTBEATS = 0.2;
const RUNS = 7;

const start = await startControlPlane();
if ("missing" in start) throw new Error(start.missing);
const { controlPlane: plane } = start;
let child: ChildProcess | undefined;
try {
  process.stderr.write("filling the cluster…\n");
  const pods = await fillCluster(plane.client, loadOf(NODES));
  const reader = fork(fileURLToPath(new URL("kubernetes-reader.ts", import.meta.url)), [
    plane.url,
    plane.ca,
    plane.token,
  ]);
  child = reader;
  const read = async (): Promise<ReadFigures> => {
    reader.send("read");
    const [figures] = await once(reader, "message");
    return figures;
  };
  process.stderr.write("reading…\n");
  const cold = await read();
  const quiet = await median(read, async (run) => {
    await plane.client.create("/api/v1/namespaces", { metadata: { name: `something-else-${run}` } });
  });
  const changed = async (run: number) => {
    await replacePods(plane.client, pods, Math.round(pods.length * CHURN), run);
    await updateNodes(plane.client, Math.round(NODES * CHURN), run);
  };
  const churn = await median(read, changed);
  const churnAndHeartbeats = await median(read, async (run) => {
    await changed(RUNS + run);
    await heartbeats(plane.client, Math.round(NODES * HEARTBEATS), run);
  });
  const report: ReadsReport = {
    nodes: NODES,
    pods: pods.length,
    cold,
    quiet,
    churn: { ...churn, bytesOfColdMilli: Math.round((churn.bytes / cold.bytes) * 1_000) },
    churnAndHeartbeats: {
      ...churnAndHeartbeats,
      bytesOfColdMilli: Math.round((churnAndHeartbeats.bytes / cold.bytes) * 1_000),
    },
  };
  console.log(JSON.stringify(report));
} finally {
  child?.disconnect();
  await plane.stop();
}

/** The read of the median number of bytes, of several that each come after a change. */
async function median(
  read: () => Promise<ReadFigures>,
  change: (run: number) => Promise<void>,
): Promise<ReadFigures> {
  const all: ReadFigures[] = [];
  for (let run = 0; run < RUNS; run++) {
    await change(run);
    all.push(await read());
  }
  const [middle] = all.sort((a, b) => a.bytes - b.bytes).slice(RUNS >> 1);
  if (!middle) throw new RangeError("nothing was read");
  return middle;
}

import { createKubernetes } from "@gpu-autoscaler/adapters";

/** One read of a cluster. */
export interface ReadFigures {
  readonly ms: number;
  /** Of the answers' bodies. */
  readonly bytes: number;
  readonly calls: number;
  readonly nodes: number;
  readonly pods: number;
  /** The most that was resident in this process so far. */
  readonly rssMiB: number;
}

// A process of its own, as a function has one: it reads when it is told to, and tells what that took.
const [url = "", certificateAuthority = null, token = ""] = process.argv.slice(2);
let bytes = 0;
let calls = 0;
const { clusterReader, close } = createKubernetes({
  access: {
    name: "bench",
    lookUp: async () => ({ endpoint: url, certificateAuthority }),
    token: async () => token,
    forget() {},
  },
  clock: { now: () => Date.now() },
  onCall(call) {
    bytes += call.bytes;
    calls++;
  },
});

async function read(): Promise<ReadFigures> {
  bytes = 0;
  calls = 0;
  const startedAt = performance.now();
  const { nodes, pods } = await clusterReader.readCluster();
  return {
    ms: Math.round(performance.now() - startedAt),
    bytes,
    calls,
    nodes: nodes.length,
    pods: pods.length,
    rssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

process.on("message", () => void read().then((figures) => process.send?.(figures)));
process.on("disconnect", () => void close());

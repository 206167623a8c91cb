import { createServer } from "node:http";

/** A GPU as the DCGM exporter of its node tells of it. */
interface ExportedGpu {
  readonly node: string;
  readonly uuid: string;
  /** 0 to 100. */
  readonly utilization: number;
  /** Who holds it; null for nobody. */
  readonly pod: { readonly namespace: string; readonly name: string } | null;
}

/** One exporter for the GPUs of all nodes, each under the name of its node. */
export interface Exporter {
  /** 127.0.0.1:port, for `startPrometheus` to scrape. */
  readonly address: string;
  /** What it tells from now on. */
  show(gpus: readonly ExportedGpu[]): void;
  stop(): void;
}

export async function startExporter(): Promise<Exporter> {
  let shown: readonly ExportedGpu[] = [];
  const server = createServer((_, response) => response.end(shown.map(lineOf).join("")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the exporter listens on no port");
  return {
    address: `127.0.0.1:${address.port}`,
    show: (gpus) => {
      shown = gpus;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function lineOf({ node, uuid, utilization, pod }: ExportedGpu): string {
  const holder = pod ? `,container="main",namespace="${pod.namespace}",pod="${pod.name}"` : "";
  return `DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="${uuid}",Hostname="${node}"${holder}} ${utilization}\n`;
}

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { findPrometheus } from "../e2e/prometheus/find-prometheus.ts";

type Labels = Readonly<Record<string, string>>;

/** A Prometheus as its package has it. */
export interface PlainPrometheus {
  /** The labels of all series that it has of now; none until it is ready. */
  series(): Promise<readonly Labels[]>;
  stop(): Promise<void>;
}

const Answer = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});

/** Starts it on 127.0.0.1 with a configuration. */
export async function startPlainPrometheus(
  configuration: string,
): Promise<PlainPrometheus | { readonly missing: string }> {
  const tools = await findPrometheus();
  if ("missing" in tools) return tools;
  const folder = await mkdtemp(join(tmpdir(), "prometheus-"));
  await writeFile(join(folder, "prometheus.yml"), configuration);
  const placeholder = await serve((_, response) => response.end());
  placeholder.stop();
  const { address } = placeholder;
  const server = spawn(
    tools.prometheus,
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      "--log.level=error",
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const ended = new Promise((resolve) => server.once("exit", resolve));
  return {
    async series() {
      const query = encodeURIComponent('{__name__=~".+"}');
      const answer = await fetch(`http://${address}/api/v1/query?query=${query}`).catch(() => null);
      if (!answer?.ok) return [];
      return Answer.parse(await answer.json()).data.result.map(({ metric }) => metric);
    },
    async stop() {
      server.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** A server on a free port of 127.0.0.1. */
export async function serve(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the server has no port");
  return {
    address: `127.0.0.1:${address.port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

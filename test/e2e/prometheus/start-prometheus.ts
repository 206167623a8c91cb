import { type ChildProcess, execFile, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type Fate, type ProxiedCall, startLoopbackProxy } from "../loopback-proxy.ts";
import { type Signer, whyUnsigned } from "./aws-signature.ts";
import { findPrometheus } from "./find-prometheus.ts";

const run = promisify(execFile);

const RULES_FILE = join(import.meta.dirname, "../../../deploy/recording-rules.yaml");

const WORKSPACE = "ws-5f1e0c2a-test";

/** Who may query; the token goes with the credentials, as a role's do. */
const SIGNER: Signer & { readonly sessionToken: string } = {
  accessKeyId: "AKIATEST",
  secretAccessKey: "secret",
  sessionToken: "token",
  region: "us-east-1",
  service: "aps",
};

export interface PrometheusOptions {
  /** What it holds, as `openMetrics` writes it, with the rules' results over a time. */
  readonly held?: { readonly samples: string; readonly rulesFrom: number; readonly rulesTo: number };
  /** Exporters that it scrapes each 5 s, evaluating the rules as it goes. */
  readonly scrape?: readonly {
    /** 127.0.0.1:port */
    readonly address: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly honorLabels?: boolean;
  }[];
}

/** Prometheus behind a proxy that checks signatures as Amazon Managed Service for Prometheus does. */
export interface Prometheus {
  /** The workspace's prometheusEndpoint. */
  readonly workspaceUrl: string;
  readonly region: string;
  readonly credentials: Omit<Signer, "region" | "service"> & { readonly sessionToken: string };
  /** The queries that came, in order. */
  readonly calls: readonly string[];
  /** Decides the fate of calls from now on, before their signature is looked at; null lets all pass. */
  disturb(fateOf: (() => Fate | Promise<Fate>) | null): void;
  stop(): Promise<void>;
}

/** Starts it on 127.0.0.1, routed as /workspaces/<id>; or says loudly why it cannot. */
export async function startPrometheus(
  options: PrometheusOptions,
): Promise<Prometheus | { readonly missing: string }> {
  const tools = await findPrometheus();
  if ("missing" in tools) {
    const line = "!".repeat(100);
    process.stderr.write(`\n${line}\nPrometheus could not be started: ${tools.missing}.\n${line}\n\n`);
    return tools;
  }
  const folder = await mkdtemp(join(tmpdir(), "prometheus-"));
  const data = join(folder, "data");
  await mkdir(data);
  await writeFile(join(folder, "prometheus.yml"), configuration(options));
  const { held } = options;
  if (held) {
    await writeFile(join(folder, "samples.txt"), held.samples);
    await run(tools.promtool, [
      "tsdb",
      "create-blocks-from",
      "openmetrics",
      join(folder, "samples.txt"),
      data,
    ]);
    const bare = await launch(tools.prometheus, folder);
    // When within their 15 s rules are evaluated follows from their file's path: the same in every checkout.
    const rules = "recording-rules.yaml";
    await copyFile(RULES_FILE, join(folder, rules));
    await run(
      tools.promtool,
      [
        ...["tsdb", "create-blocks-from", "rules", "--eval-interval", "15s", "--output-dir", data],
        ...["--start", String(held.rulesFrom / 1_000), "--end", String(held.rulesTo / 1_000)],
        ...["--url", `${bare.url}/workspaces/${WORKSPACE}`, rules],
      ],
      { cwd: folder },
    );
    await end(bare.process);
  }
  const server = await launch(tools.prometheus, folder);
  const calls: string[] = [];
  let fate: (() => Fate | Promise<Fate>) | null = null;
  const proxy = await startLoopbackProxy(server.url, async (call) => {
    calls.push(new URLSearchParams(call.body.toString()).get("query") ?? call.path);
    const fixed = fate ? await fate() : "forward";
    return fixed === "forward" ? judged(call) : fixed;
  });
  const { region, service: _, ...credentials } = SIGNER;
  return {
    workspaceUrl: `${proxy.endpoint}/workspaces/${WORKSPACE}`,
    region,
    credentials,
    calls,
    disturb: (fateOf) => {
      fate = fateOf;
    },
    async stop() {
      await proxy.stop();
      await end(server.process);
      await rm(folder, { recursive: true });
    },
  };
}

/** AWS's words for a call that may not be made. */
export function refused(status: number, message: string): Fate {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) };
}

function judged(call: ProxiedCall): Fate {
  const why = whyUnsigned(call, SIGNER, Date.now());
  if (why !== null) return refused(403, why);
  const isToken = call.headers["x-amz-security-token"] === SIGNER.sessionToken;
  return isToken ? "forward" : refused(403, "The security token included in the request is invalid");
}

function configuration({ scrape = [] }: PrometheusOptions): string {
  const jobs = scrape.map(({ address, labels, honorLabels = false }, i) => ({
    job_name: `exporter-${i}`,
    scrape_interval: "5s",
    scrape_timeout: "4s",
    honor_labels: honorLabels,
    static_configs: [{ targets: [address], labels }],
  }));
  // JSON is YAML.
  return JSON.stringify({ scrape_configs: jobs, rule_files: scrape.length > 0 ? [RULES_FILE] : [] });
}

async function launch(prometheus: string, folder: string) {
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = spawn(
    prometheus,
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      // The samples that tests hold are of a day in the past.
      "--storage.tsdb.retention.time=50y",
      `--web.listen-address=${new URL(url).host}`,
      `--web.route-prefix=/workspaces/${WORKSPACE}`,
      "--web.enable-remote-write-receiver",
      "--log.level=error",
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  // The test may die without stopping it.
  const kill = () => server.kill("SIGKILL");
  process.once("exit", kill);
  server.once("exit", () => process.off("exit", kill));
  for (let tries = 0; !(await isReady(`${url}/workspaces/${WORKSPACE}/-/ready`)); tries++) {
    if (server.exitCode !== null || tries > 300) throw new Error("Prometheus did not become ready");
    await sleep(100);
  }
  return { url, process: server };
}

function isReady(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function end(server: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("no free port"));
      });
    });
  });
}

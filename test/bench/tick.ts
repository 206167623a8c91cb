import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { measureTicks, type TickReport } from "./tick-measure.ts";
import type { TickFigures } from "./tick-process.ts";

const HELP = `node test/bench/tick.ts [--json] [--nodes 1000] [--runs 5]

Runs whole ticks over the wire: etcd and kube-apiserver, Prometheus, DynamoDB Local, AWS by moto, each
on 127.0.0.1. The process that ticks is one of its own, once as the bundle that a function would be,
once as the source: its first tick is cold, and before each further one a hundredth of the pods is
replaced and a hundredth of the nodes changed. Ten pods a node, a tenth of them pending, in 50 pools
with 100 Auto Scaling groups. Progress goes to stderr; it takes some ten minutes.

  --json    one object instead of a table
  --nodes   how many, 1000 unless told
  --runs    warm ticks, 5 unless told
`;

const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    nodes: { type: "string", default: "1000" },
    runs: { type: "string", default: "5" },
    help: { type: "boolean" },
  },
});
if (values.help) process.stdout.write(HELP);
else await main(positive("nodes", values.nodes), positive("runs", values.runs));

async function main(nodes: number, runs: number): Promise<void> {
  const program = fileURLToPath(new URL("tick-process.ts", import.meta.url));
  const report = await measureTicks({
    program,
    nodes,
    runs,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : tableOf(report));
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  process.stderr.write(`--${option} is to be a whole number above 0, not ${text}\n`);
  process.exit(2);
}

function tableOf({ bundleBytes, processes }: TickReport): string {
  const table = new Table({
    head: ["", "ms", "CPU ms", "bytes of the API server", "calls", "RSS MiB", "peak MiB"],
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "left", "right", "right"],
  });
  for (const { name, cold, warm } of processes) {
    table.push(rowOf(`${name}, cold`, cold));
    warm.forEach((figures, i) => {
      table.push(rowOf(`${name}, warm ${i + 1}`, figures));
    });
  }
  return `${table.toString()}\nthe bundle: ${bundleBytes.toLocaleString("en-US")} bytes\n`;
}

function rowOf(name: string, figures: TickFigures): string[] {
  const calls = Object.entries(figures.calls).map(([service, count]) => `${service} ${count}`);
  const { ms, cpuMs, apiServerBytes, rssMiB, peakRssMiB } = figures;
  const numbers = [ms, cpuMs, apiServerBytes].map((each) => each.toLocaleString("en-US"));
  return [name, ...numbers, calls.join("\n"), String(rssMiB), String(peakRssMiB)];
}

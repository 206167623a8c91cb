import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AutoscalerError } from "@gpu-autoscaler/core";
import { Command, InvalidArgumentError, Option } from "commander";
import { openFinishedRuns } from "./finished-runs.ts";
import { keyOf, playRun, type RunFigures, type RunSpec } from "./runs.ts";
import { STUDIES } from "./studies.ts";
import { tableMarkdown, tableText, withBlock } from "./tables.ts";
import { openTraces, type Traces } from "./traces.ts";

const PAGE = new URL("../../../docs/studies.md", import.meta.url);

interface Options {
  readonly study: readonly string[];
  readonly trace?: readonly string[];
  readonly seeds: number;
  readonly json?: boolean;
  readonly markdown?: boolean;
}

const names = STUDIES.map(({ name }) => name);
await new Command("study")
  .description("Plays the real traces of GPU_AUTOSCALER_DATA, run after run, and tells what they answer.")
  .addOption(new Option("--study <names...>", "which questions").choices(names).default(names, "all"))
  .option("--trace <names...>", "which traces, without .csv.gz; all unless given")
  .option("--seeds <number>", "over how many seeds the weather is told", wholeNumber, 3)
  .option("--json", "print one JSON object instead of tables")
  .option("--markdown", "write the tables into docs/studies.md, between their marks, besides")
  .action((options: Options) => study(options).catch(refuse))
  .parseAsync();

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d{1,2}$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError("Give a whole number from 1 to 99.");
}

async function study(options: Options): Promise<void> {
  const traces = openTraces();
  const chosen = STUDIES.filter(({ name }) => options.study.includes(name));
  const seeds = Array.from({ length: options.seeds }, (_, i) => i + 1);
  const question = { traces: tracesOf(traces, options.trace), seeds };
  const figures = await playAll(
    chosen.flatMap((each) => each.specs(question)),
    traces,
  );
  const figuresOf = (spec: RunSpec): RunFigures => {
    const known = figures.get(keyOf(spec));
    if (!known) throw new RangeError(`a study needs a run that it did not name: ${keyOf(spec)}`);
    return known;
  };
  const answers = chosen.map((each) => ({
    study: each.name,
    runs: each.specs(question).map((spec) => ({ ...spec, ...figuresOf(spec) })),
    tables: each.tables(question, figuresOf),
  }));
  if (options.markdown) {
    let page = readFileSync(PAGE, "utf8");
    for (const answer of answers) {
      page = withBlock(page, answer.study, answer.tables.map(tableMarkdown).join("\n\n"));
    }
    writeFileSync(PAGE, page);
    process.stderr.write(`written: ${fileURLToPath(PAGE)}\n`);
  }
  if (options.json) console.log(JSON.stringify({ studies: answers }));
  else
    for (const answer of answers)
      console.log(`\n${answer.study}\n\n${answer.tables.map(tableText).join("\n\n")}`);
}

/** What the caller gave is told without a stack trace. */
function refuse(error: unknown): void {
  if (!(error instanceof AutoscalerError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}

function tracesOf({ names: all }: Traces, asked: readonly string[] | undefined): readonly string[] {
  const unknown = asked?.filter((name) => !all.includes(name)) ?? [];
  if (unknown.length === 0) return asked ?? all;
  throw new AutoscalerError(
    "no-traces",
    `there is no trace ${unknown.join(", ")}; there are ${all.join(", ")}`,
  );
}

/** Plays each run once, trace by trace; by `keyOf`. Says on stderr how far it is. */
async function playAll(specs: readonly RunSpec[], traces: Traces): Promise<Map<string, RunFigures>> {
  const finished = openFinishedRuns(traces.names.map(traces.pathOf));
  const figures = new Map<string, RunFigures>();
  const different = new Map(specs.map((spec) => [keyOf(spec), spec]));
  const inOrder = traces.names.flatMap((name) => [...different].filter(([, { trace }]) => trace === name));
  for (const [i, [key, spec]] of inOrder.entries()) {
    const known = finished.get(key);
    const startedAt = performance.now();
    const run = known ?? (await playRun(spec, await traces.read(spec.trace)));
    if (!known) finished.add(key, run);
    figures.set(key, run);
    const took = known ? "played before" : `${((performance.now() - startedAt) / 1_000).toFixed(0)} s`;
    process.stderr.write(`${i + 1} of ${inOrder.length}: ${words(spec)}: ${took}\n`);
  }
  return figures;
}

function words({ trace, policy, spot, weather: sky, seed, settings, shared }: RunSpec): string {
  const others = [
    spot === "none" ? "no Spot" : `Spot ${spot}, ${sky}, seed ${seed}`,
    ...(Object.keys(settings).length > 0 ? [JSON.stringify(settings)] : []),
    ...(shared === null ? [] : [`shared ${JSON.stringify(shared)}`]),
  ];
  return `${trace}, ${policy}, ${others.join(", ")}`;
}

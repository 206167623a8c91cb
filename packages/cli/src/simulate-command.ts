import { STRATEGIES, WEATHERS } from "@gpu-autoscaler/sandbox";
import { Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "./command-context.ts";
import { runSimulation, type SimulateOptions } from "./run-simulation.ts";

const EXAMPLES = `
Examples:
  $ gpu-autoscaler simulate
      the built-in day of training, batch and serving pods, On-Demand alone
  $ gpu-autoscaler simulate --trace pods.csv.gz --spot mix --weather bad
      a load of your own, up to 60 % of it on Spot, through Spot storms
  $ gpu-autoscaler simulate --config autoscaler.config.ts --cluster production
      the pools, prices and limits of your own configuration
  $ gpu-autoscaler simulate --json --events decisions.jsonl
      figures for a program, and each decision with its reasons, a line each
  $ gpu-autoscaler simulate --report report.html
      one page that needs no network: charts of every policy, and its decisions to search

A trace is a CSV file, or one packed by gzip, with the columns
  name, submit_s, duration_s, gpus
and, as far as they are there,
  gpu_milli, gpu_model, cpu_milli, memory_mib, priority, class, namespace, gang

Exit status: 0 done, 1 the program failed, 2 what was given is refused.`;

/** `gpu-autoscaler simulate`: plays a load through the autoscaler and shows what it costs beside other policies. */
export function simulateCommand(context: CommandContext): Command {
  return new Command("simulate")
    .description(
      "Play a load of GPU pods through the autoscaler in the embedded cloud, and compare what it costs.",
    )
    .option("--trace <file>", "pods to play, as CSV (gzip accepted); a built-in load unless given")
    .option(
      "--config <file>",
      "your autoscaler.config.ts; the world of the published comparisons unless given",
    )
    .option("--cluster <name>", "which of the configuration's clusters, when it has several")
    .addOption(
      new Option("--policy <names...>", "what to compare; the bound is always shown")
        .choices(STRATEGIES)
        .default([...STRATEGIES], "all"),
    )
    .addOption(
      new Option("--spot <use>", "Spot: none; mix, up to the configured share; all")
        .choices(["none", "mix", "all"])
        .default(undefined, "none; mix with --config"),
    )
    .addOption(
      new Option("--weather <kind>", "how often Spot is interrupted: 0.1 %, 1 %, 5 % of its nodes an hour")
        .choices(WEATHERS)
        .default("usual"),
    )
    .option("--seed <number>", "of everything that is drawn by lot", wholeNumber(0, 2 ** 32 - 1), 1)
    .option(
      "--days <number>",
      "of the built-in load (1 unless given), or the first so many of the trace",
      wholeNumber(1, 366),
    )
    .option("--json", "print one JSON object instead of the table")
    .option("--events <file>", "write each decision to this file, as JSON lines")
    .option("--report <file>", "write a page of charts and decisions to this file, to be opened in a browser")
    .addHelpText("after", EXAMPLES)
    .action((options: SimulateOptions) => runSimulation(options, context));
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

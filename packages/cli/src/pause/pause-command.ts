import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { withConfigOptions } from "../reach/cluster-options.ts";
import { type PauseOptions, runPause } from "./run-pause.ts";

const PAUSE_EXAMPLES = `
Examples:
  $ gpu-autoscaler pause
      nothing is launched, drained or ended in the cluster from the next decision on
  $ gpu-autoscaler pause --pool h100-training
      one pool alone
  $ gpu-autoscaler pause --cluster staging --table gpu-autoscaler-staging-TableTable-hbcxwkan --json
      one of several clusters, by the table of a deployment that was made elsewhere; what is paused then, for a program

What is paused is still observed, decided and recorded. EC2 may still take Spot instances; nothing is drained for them.
Without --pool the cluster is paused as a whole, which \`resume\` without --pool takes back: pools
that were paused by name stay so.

Exit status: 0 done, 1 the program failed, 2 what was given is refused.`;

const RESUME_EXAMPLES = `
Examples:
  $ gpu-autoscaler resume
      takes back a pause of the whole cluster; pools that were paused by name stay so
  $ gpu-autoscaler resume --pool h100-training
      takes back the pause of one pool

It shows what is paused afterwards. Resuming what is not paused changes nothing.

Exit status: 0 done, 1 the program failed, 2 what was given is refused.`;

/** `gpu-autoscaler pause`: stops the autoscaler in a cluster or pool, without a deploy. */
export function pauseCommand(context: CommandContext): Command {
  return withPauseOptions(new Command("pause"), "pause")
    .description("Stop launching, draining and ending nodes in a cluster or pool, without a deploy.")
    .addHelpText("after", PAUSE_EXAMPLES)
    .action((options: PauseOptions) => runPause(true, options, context));
}

/** `gpu-autoscaler resume`: lets the autoscaler go on where `pause` stopped it. */
export function resumeCommand(context: CommandContext): Command {
  return withPauseOptions(new Command("resume"), "resume")
    .description("Let the autoscaler go on in a cluster or pool that was paused.")
    .addHelpText("after", RESUME_EXAMPLES)
    .action((options: PauseOptions) => runPause(false, options, context));
}

function withPauseOptions(command: Command, verb: string): Command {
  return withConfigOptions(command)
    .option("--pool <name>", `the pool to ${verb}; the cluster as a whole unless given`)
    .option(
      "--table <name>",
      "the deployment's DynamoDB table; TABLE_NAME, else the last deploy's, unless given",
    )
    .option("--json", "print one JSON object instead of the text");
}

import { Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.ts";
import { withClusterOptions } from "../reach/cluster-options.ts";
import type { DoctorOptions } from "./run-doctor.ts";

const EXAMPLES = `
Examples:
  $ gpu-autoscaler doctor
      checks the cluster of autoscaler.config.ts that the current context leads to
  $ gpu-autoscaler doctor --table gpu-autoscaler-production-TableTable-hbcxwkan --metrics-url https://aps-workspaces.…
      a deployment that was made elsewhere: its table and its workspace
  $ gpu-autoscaler doctor --json | jq '.findings[] | select(.status == "failure")'
      what failed, for a program

It reads, by your own AWS credentials and kubeconfig, and changes nothing: launches are tried with
DryRun alone. Each finding is ok, a warning, a failure, or not checked, and says how to mend it.

Exit status: 0 no failure, 1 a failure was found (or the program failed, with a stack trace on
stderr), 2 what was given is refused.`;

/** `gpu-autoscaler doctor`: checks all that the autoscaler needs, and says how to mend what is wrong. */
export function doctorCommand(context: CommandContext, end: (status: number) => void): Command {
  return withClusterOptions(new Command("doctor"))
    .description("Check cluster, groups, metrics, permissions and table, and say how to mend what is wrong.")
    .option("--timeout <seconds>", "for each check; they run side by side", seconds, 30)
    .option("--json", "print one JSON object instead of the table")
    .addHelpText("after", EXAMPLES)
    .action(async (options: DoctorOptions) => {
      // What it checks with takes long to load.
      const { runDoctor } = await import("./run-doctor.ts");
      end(await runDoctor(options, context));
    });
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 600) return value;
  throw new InvalidArgumentError("Give whole seconds from 1 to 600.");
}

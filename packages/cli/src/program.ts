import { AutoscalerError } from "@gpu-autoscaler/core";
import { Command, CommanderError } from "commander";
import { type CommandContext, EXIT } from "./command-context.ts";
import { doctorCommand } from "./doctor/doctor-command.ts";
import { explainCommand } from "./explain/explain-command.ts";
import { pauseCommand, resumeCommand } from "./pause/pause-command.ts";
import { planCommand } from "./plan/plan-command.ts";
import { simulateCommand } from "./simulate-command.ts";

/**
 * Runs the command line `argv`, without the program's own name.
 *
 * @returns the exit status: 0; 1 when the program failed, with a stack trace on stderr, or doctor found
 * a failure; 2 when what the user gave is refused, with a message on stderr
 */
export async function main(argv: readonly string[], context: CommandContext): Promise<number> {
  let status: number = EXIT.done;
  const end = (ended: number) => {
    status = ended;
  };
  try {
    await program(context, end).parseAsync(argv, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.refused;
    if (error instanceof AutoscalerError) {
      context.stderr.write(`error: ${error.message}\n`);
      return EXIT.refused;
    }
    context.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT.failed;
  }
}

function program(context: CommandContext, end: (status: number) => void): Command {
  const command = new Command("gpu-autoscaler")
    .description("Serverless autoscaler for GPU nodes on Amazon EKS.")
    .exitOverride()
    .showHelpAfterError("(--help lists what there is)")
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    });
  const added = (commands: readonly Command[]) =>
    commands.reduce((all, each) => all.addCommand(each.copyInheritedSettings(command)), command);
  return added([
    planCommand(context),
    doctorCommand(context, end),
    pauseCommand(context),
    resumeCommand(context),
  ])
    .addCommand(simulateCommand(context).copyInheritedSettings(command))
    .addCommand(explainCommand(context, command));
}

import { AutoscalerError } from "@gpu-autoscaler/core";
import { Command, CommanderError } from "commander";
import { type CommandContext, EXIT } from "./command-context.ts";
import { explainCommand } from "./explain/explain-command.ts";
import { simulateCommand } from "./simulate-command.ts";

/**
 * Runs the command line `argv`, without the program's own name.
 *
 * @returns the exit status: 0; 1 when the program failed, with a stack trace on stderr; 2 when what
 * the user gave is refused, with a message on stderr
 */
export async function main(argv: readonly string[], context: CommandContext): Promise<number> {
  try {
    await program(context).parseAsync(argv, { from: "user" });
    return EXIT.done;
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

function program(context: CommandContext): Command {
  const command = new Command("gpu-autoscaler")
    .description("Serverless autoscaler for GPU nodes on Amazon EKS.")
    .exitOverride()
    .showHelpAfterError("(--help lists what there is)")
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    });
  return command
    .addCommand(simulateCommand(context).copyInheritedSettings(command))
    .addCommand(explainCommand(context, command));
}

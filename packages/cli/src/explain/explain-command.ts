import { AutoscalerError, type EpochMs, parseInstant } from "@gpu-autoscaler/core";
import { Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.ts";
import { withConfigOptions } from "../reach/cluster-options.ts";
import { type ExplainOptions, runExplain, runLaunchList } from "./run-explain.ts";

const EXAMPLES = `
Examples:
  $ gpu-autoscaler simulate --events decisions.jsonl
      writes the decision log that is explained
  $ gpu-autoscaler explain pod default/train-a --events decisions.jsonl
      since when the pod waited, what was tried for it, what was not and why, where it went
  $ gpu-autoscaler explain pod default/train-a --events decisions.jsonl --at "2026-01-01 08:30"
      the same, as it stood then
  $ gpu-autoscaler explain node ip-10-0-0-7.ec2.internal --events decisions.jsonl
      for whom the node was launched, why it was kept, why it was ended
  $ gpu-autoscaler explain launch --list --events decisions.jsonl
      all launches, with their keys
  $ gpu-autoscaler explain launch 9b5d93b2ce7c6d57-mjuoj2ao-0 --events decisions.jsonl --json
      why this offering and not those, for a program
  $ gpu-autoscaler explain pod default/train-a
      out of the decisions of the deployment of autoscaler.config.ts

Exit status: 0 done, 1 the program failed, 2 what was given is refused, or the log has no such name.`;

/** `gpu-autoscaler explain`: tells out of a decision log why a pod, a node or a launch is as it is. */
export function explainCommand(context: CommandContext, program: Command): Command {
  const explain = new Command("explain")
    .description("Tell out of a decision log why a pod, a node or a launch is as it is.")
    .copyInheritedSettings(program)
    .addHelpText("after", EXAMPLES);
  withOptions(explain.command("pod"))
    .description("why a pod is, or was, pending, and where it went")
    .argument("<namespace/name>", "the pod")
    .action((name: string, options: ExplainOptions) => runExplain("pod", name, options, context));
  withOptions(explain.command("node"))
    .description("why a node came, why it is still here, why it was ended")
    .argument("<name>", "the node, or its instance's id")
    .action((name: string, options: ExplainOptions) => runExplain("node", name, options, context));
  withOptions(explain.command("launch"))
    .description("why a launch was of this offering and not of those")
    .argument("[key]", "the launch, by its key")
    .option("--list", "list all launches, with their keys")
    .action((key: string | undefined, options: LaunchOptions) => explainLaunch(key, options, context));
  return explain;
}

interface LaunchOptions extends ExplainOptions {
  readonly list?: boolean;
}

async function explainLaunch(
  key: string | undefined,
  options: LaunchOptions,
  context: CommandContext,
): Promise<void> {
  if ((key === undefined) === (options.list !== true)) {
    throw new AutoscalerError("no-launch", "Give either the key of a launch, or --list for all of them");
  }
  if (key === undefined) await runLaunchList(options, context);
  else await runExplain("launch", key, options, context);
}

function withOptions(command: Command): Command {
  return withConfigOptions(command)
    .option("--events <file>", "the decision log, as simulate --events and plan --events write it")
    .option(
      "--table <name>",
      "without --events: the deployment's DynamoDB table; TABLE_NAME, else the last deploy's, unless given",
    )
    .option("--since <time>", "of a table: leave out decisions before it; 24 h unless given", instant)
    .option(
      "--at <time>",
      "leave out decisions after it: 2026-01-01T08:30:00Z, or epoch milliseconds",
      instant,
    )
    .option(
      "--policy <name>",
      "whose decisions, where the log has those of several; gpu-autoscaler unless given",
    )
    .option("--json", "print one JSON object instead of the story");
}

/** As the stories write it, as ISO 8601, or as the log has it; always in UTC. */
function instant(text: string): EpochMs {
  if (/^\d{12,15}$/.test(text)) return Number(text);
  const at = parseInstant(`${text.replace(" ", "T").replace(/Z$/, "")}Z`);
  if (at === null) throw new InvalidArgumentError('Give a time in UTC such as "2026-01-01T08:30:00Z".');
  return at;
}

import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { withClusterOptions } from "../reach/cluster-options.ts";
import { type PlanOptions, runPlan } from "./run-plan.ts";

const EXAMPLES = `
Examples:
  $ gpu-autoscaler plan
      what would be done now to the cluster of autoscaler.config.ts that the current context leads to
  $ gpu-autoscaler plan --cluster staging --context staging --watch
      one of several clusters; then, each minute, what of the plan has changed
  $ gpu-autoscaler plan --table gpu-autoscaler-production-TableTable-hbcxwkan
      with what a deployment that was made elsewhere remembers: as its next tick will decide
  $ gpu-autoscaler plan --events plan.jsonl && gpu-autoscaler explain launch --list --events plan.jsonl
      each launch with all that it was weighed against

It reads, by your own AWS credentials and kubeconfig, and changes nothing: no lease, no state, no
group, no node, no Event. Nothing need be deployed: groups that do not exist yet are planned with.

Exit status: 0 done, 1 the program failed, 2 what was given is refused, or nothing can be decided.`;

/** `gpu-autoscaler plan`: shows what the autoscaler would do now, and why. */
export function planCommand(context: CommandContext): Command {
  return withClusterOptions(new Command("plan"))
    .description("Show what the autoscaler would do in a cluster now, and why; nothing is changed.")
    .option("--watch", "go on, and print each minute what of the plan has changed")
    .option("--json", "print one JSON object instead of the text; with --watch one a line")
    .option("--events <file>", "write the decisions to this file, as JSON lines, for explain")
    .addHelpText("after", EXAMPLES)
    .action((options: PlanOptions) => runPlan(options, context));
}

import type { Command } from "commander";

/** The options by which a command finds a cluster and the way to it. */
export function withClusterOptions(command: Command): Command {
  return withConfigOptions(command)
    .option("--kubeconfig <file>", "the kubeconfig; KUBECONFIG, else ~/.kube/config, unless given")
    .option("--context <name>", "its context; the current one unless given")
    .option(
      "--table <name>",
      "the deployment's DynamoDB table, which holds the state; TABLE_NAME, else the last deploy's, unless given",
    )
    .option(
      "--metrics-url <url>",
      "prometheusEndpoint of the AMP workspace; METRICS_URL, else the last deploy's, else the configuration's, unless given",
    );
}

/** The options by which a command finds a cluster of the configuration. */
export function withConfigOptions(command: Command): Command {
  return command
    .option("--config <file>", "your configuration", "autoscaler.config.ts")
    .option("--cluster <name>", "which of the configuration's clusters, when it has several");
}

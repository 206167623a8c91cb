import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterConfig } from "./configuration.ts";
import { type EksCluster, subnetsIn } from "./eks-cluster.ts";
import { scrapeConfiguration } from "./scrape-configuration.ts";

/** A workspace of Amazon Managed Service for Prometheus that GPU measurements are read from. */
export interface Workspace {
  readonly arn: $util.Input<string>;
  /** What it calls its prometheusEndpoint. */
  readonly url: $util.Input<string>;
}

const RULES = "deploy/recording-rules.yaml";

/**
 * The workspace of each cluster: the one that it names, or one that is made for all that name none.
 * Recording rules are loaded once into each.
 */
export function createMetrics(
  clusters: readonly { readonly config: ClusterConfig; readonly eks: EksCluster }[],
): ReadonlyMap<string, Workspace> {
  const made = new Map<string, Workspace>();
  const ruled = new Set<string>();
  const byCluster = new Map<string, Workspace>();
  for (const { config, eks } of clusters) {
    const id = config.metrics.workspaceId;
    const key = id ?? "Metrics";
    const workspace = made.get(key) ?? (id === undefined ? newWorkspace(key) : existingWorkspace(id, eks));
    made.set(key, workspace);
    byCluster.set(config.name, workspace);
    if (config.metrics.recordingRules && !ruled.has(key)) {
      ruled.add(key);
      loadRules(key, workspace);
    }
    if (config.metrics.scraper) createScraper(eks, workspace);
  }
  return byCluster;
}

function newWorkspace(name: string): Workspace {
  const workspace = new aws.amp.Workspace(name, { alias: `${$app.name}-${$app.stage}` });
  return { arn: workspace.arn, url: workspace.prometheusEndpoint };
}

function existingWorkspace(id: string, { partition, region, account }: EksCluster): Workspace {
  const domain = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return {
    arn: `arn:${partition}:aps:${region}:${account}:workspace/${id}`,
    url: `https://aps-workspaces.${region}.${domain}/workspaces/${id}`,
  };
}

function loadRules(key: string, workspace: Workspace): void {
  new aws.amp.RuleGroupNamespace(`${key}-rules`, {
    name: "gpu-autoscaler",
    workspaceId: $output(workspace.arn).apply((arn) => arn.slice(arn.lastIndexOf("/") + 1)),
    data: readFileSync(join($cli.paths.root, RULES), "utf8"),
  });
}

/** It needs subnets in two zones, and the cluster's private endpoint. */
function createScraper(eks: EksCluster, workspace: Workspace): void {
  new aws.amp.Scraper(`${eks.name}-scraper`, {
    alias: `${$app.name}-${$app.stage}-${eks.name}`.slice(0, 100),
    source: {
      eks: {
        clusterArn: eks.arn,
        subnetIds: subnetsIn(eks),
        securityGroupIds: [eks.securityGroupId],
      },
    },
    destination: { amp: { workspaceArn: workspace.arn } },
    scrapeConfiguration: scrapeConfiguration(eks.name),
  });
}

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Deployed } from "../deployed.ts";
import { allOf, inputsOf } from "../graph.ts";
import { ROOT } from "../repository.ts";
import { grantedTo } from "../statements.ts";

const EXISTING = "arn:aws:aps:us-east-1:123456789012:workspace/ws-11111111-2222-3333-4444-555555555555";

export function metricsSuite(deployed: () => Deployed): void {
  test("a workspace is made for the clusters that name none, and none beside", () => {
    expect(allOf(deployed().two, "aws:amp/workspace:Workspace")).toHaveLength(1);
    expect(allOf(deployed().settled, "aws:amp/workspace:Workspace")).toEqual([]);
  });

  test("the shipped rules are loaded once into each workspace, unless they are there", () => {
    const rules = allOf(deployed().two, "aws:amp/ruleGroupNamespace:RuleGroupNamespace");
    expect(rules.map(({ inputs }) => inputs.workspaceId).sort()).toEqual([
      "Metrics",
      "ws-11111111-2222-3333-4444-555555555555",
    ]);
    for (const { inputs } of rules) {
      expect(inputs.data).toBe(readFileSync(`${ROOT}/deploy/recording-rules.yaml`, "utf8"));
    }
    expect(allOf(deployed().settled, "aws:amp/ruleGroupNamespace:RuleGroupNamespace")).toEqual([]);
  });

  test("a scraper collects each cluster's measurements into its workspace, unless one does already", () => {
    const { two, settled } = deployed();
    expect(inputsOf(two, "aws:amp/scraper:Scraper", "production-scraper")).toMatchObject({
      source: {
        eks: {
          clusterArn: "arn:aws:eks:us-east-1:123456789012:cluster/production",
          subnetIds: ["subnet-a1", "subnet-b1"],
          securityGroupIds: ["sg-of-production"],
        },
      },
      destination: { amp: { workspaceArn: "arn:aws:aps:us-east-1:123456789012:workspace/Metrics" } },
    });
    expect(inputsOf(two, "aws:amp/scraper:Scraper", "research-scraper").destination).toEqual({
      amp: { workspaceArn: EXISTING },
    });
    expect(allOf(settled, "aws:amp/scraper:Scraper")).toEqual([]);
  });

  test("each planner may query its own workspace only", () => {
    const queried = (role: string) =>
      grantedTo(deployed().two, role).find(({ Action }) => Action.includes("aps:QueryMetrics"))?.Resource;
    expect(queried("research-tick-role")).toEqual([EXISTING]);
    expect(queried("production-tick-role")).toEqual(["arn:aws:aps:us-east-1:123456789012:workspace/Metrics"]);
  });
}

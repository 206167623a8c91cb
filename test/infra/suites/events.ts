import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { dataFolder, NO_DATA } from "../../environment.ts";
import type { Deployed } from "../deployed.ts";
import { matches } from "../event-pattern.ts";
import { allOf, type Graph, inputsOf } from "../graph.ts";
import { statementsIn } from "../statements.ts";

const RULE = "aws:cloudwatch/eventRule:EventRule";
const QUEUE = "aws:sqs/queue:Queue";

/** Each file of real events, with the kind of rule that is to take it; null: none. */
const INTENDED: Readonly<Record<string, string | null>> = {
  "awsdocs-ec2-capacity-reservation-instance-interruption-warning": "instances",
  "awsdocs-health-ec2-instance-retirement-scheduled": "health",
  "awsdocs-health-ec2-instance-store-drive-performance-degraded": null,
  "health-tools-AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED": null,
  "lambda-go-autoscaling-event-launch-successful": null,
  "lambda-go-autoscaling-event-launch-unsuccessful": null,
  "lambda-go-autoscaling-event-lifecycle-action": null,
  "lambda-go-autoscaling-event-terminate-action": null,
  "lambda-go-autoscaling-event-terminate-successful": null,
  "lambda-go-autoscaling-event-terminate-unsuccessful": null,
  "nth-aws-health-event-scheduled-change": "health",
  "nth-ec2-instance-rebalance-recommendation": "instances",
  // It is "pending".
  "nth-ec2-instance-state-change-notification": null,
  "nth-ec2-instance-terminate-lifecycle-action": null,
  "nth-ec2-spot-instance-interruption-warning": "instances",
};

interface Rule {
  readonly name: string;
  readonly pattern: unknown;
}

/** The rules of a cluster on the account's default bus. */
function defaultBusRules(graph: Graph, cluster: string): Rule[] {
  return allOf(graph, RULE)
    .filter(({ name, inputs }) => inputs.eventBusName === undefined && name.startsWith(`${cluster}-`))
    .map(({ name, inputs }) => ({
      name: name.replace(`${cluster}-`, ""),
      pattern: JSON.parse(z.string().parse(inputs.eventPattern)),
    }));
}

const taking = (rules: readonly Rule[], event: unknown) =>
  rules.filter(({ pattern }) => matches(pattern, event)).map(({ name }) => name);

export function eventsSuite(deployed: () => Deployed): void {
  for (const [file, want] of Object.entries(INTENDED)) {
    test(`${file} is taken by: ${want ?? "no rule"}`, ({ skip }) => {
      if (dataFolder === undefined) return skip(NO_DATA);
      const text = readFileSync(join(dataFolder, "events", `${file}.json`), "utf8");
      // AWS's page misprints the name of this field in one of its examples.
      const event: unknown = JSON.parse(text.replace('"detail_type"', '"detail-type"'));
      for (const cluster of ["production", "research"]) {
        expect(taking(defaultBusRules(deployed().two, cluster), event)).toEqual(want === null ? [] : [want]);
      }
    });
  }

  test("no file of events is left out", ({ skip }) => {
    if (dataFolder === undefined) return skip(NO_DATA);
    const files = readdirSync(join(dataFolder, "events"));
    expect(files.map((name) => name.replace(/\.json$/, "")).sort()).toEqual(Object.keys(INTENDED).sort());
  });

  test.each([
    ["shutting-down", ["ends"]],
    ["stopping", ["ends"]],
    ["running", []],
    ["terminated", []],
  ])("an instance that is %s is taken by: %s", (state, want) => {
    const event = {
      source: "aws.ec2",
      "detail-type": "EC2 Instance State-change Notification",
      detail: { state },
    };
    expect(taking(defaultBusRules(deployed().two, "production"), event)).toEqual(want);
  });

  test("each rule sends to its cluster's queue, and what cannot be sent to its dead-letter queue", () => {
    const { two } = deployed();
    const rules = defaultBusRules(two, "research");
    expect(rules.map(({ name }) => name).sort()).toEqual(["ends", "health", "instances"]);
    for (const { name } of rules) {
      expect(
        inputsOf(two, "aws:cloudwatch/eventTarget:EventTarget", `research-${name}-target`),
      ).toMatchObject({
        rule: `gpu-autoscaler-production-research-${name}`,
        arn: arnOf(two, "research-interruptionsQueue"),
        deadLetterConfig: { arn: arnOf(two, "research-dead-lettersQueue") },
      });
    }
    for (const queue of ["interruptions", "dead-letters"]) {
      const [statement, ...others] = statementsIn(
        inputsOf(two, "aws:sqs/queuePolicy:QueuePolicy", `research-${queue}-policy`).policy,
      );
      expect(others).toEqual([]);
      expect(statement).toMatchObject({
        Action: ["sqs:SendMessage"],
        Resource: [arnOf(two, `research-${queue}Queue`)],
        Principal: { Service: ["events.amazonaws.com"] },
      });
      expect(statement?.Condition.ArnEquals?.["aws:SourceArn"]?.toSorted()).toEqual(
        rules
          .map(
            ({ name }) =>
              `arn:aws:events:us-east-1:123456789012:rule/gpu-autoscaler-production-research-${name}`,
          )
          .sort(),
      );
    }
  });

  test("what fails three times goes to the dead-letter queue, by itself and not with its batch", () => {
    const { two } = deployed();
    const queue = inputsOf(two, QUEUE, "production-interruptionsQueue");
    expect(JSON.parse(z.string().parse(queue.redrivePolicy))).toEqual({
      deadLetterTargetArn: arnOf(two, "production-dead-lettersQueue"),
      maxReceiveCount: 3,
    });
    const mapping = inputsOf(
      two,
      "aws:lambda/eventSourceMapping:EventSourceMapping",
      "production-interruptions-mapping",
    );
    expect(mapping).toMatchObject({
      eventSourceArn: arnOf(two, "production-interruptionsQueue"),
      functionResponseTypes: ["ReportBatchItemFailures"],
    });
    // Nothing is waited for: a Spot instance has two minutes.
    expect(mapping).not.toHaveProperty("maximumBatchingWindowInSeconds");
    const { timeout } = inputsOf(two, "aws:lambda/function:Function", "production-interruptionFunction");
    expect(Number(queue.visibilityTimeoutSeconds)).toBeGreaterThanOrEqual(Number(timeout));
    expect(inputsOf(two, QUEUE, "production-dead-lettersQueue").messageRetentionSeconds).toBe(1_209_600);
  });

  test("a demand event wakes the tick of the cluster that it names, and no other's", () => {
    const { two } = deployed();
    const bus = allOf(two, "aws:cloudwatch/eventBus:EventBus")[0]?.inputs.name;
    const event = { source: "gpu-autoscaler", "detail-type": "GPU Demand", detail: { cluster: "research" } };
    const rules = allOf(two, RULE).filter(({ inputs }) => inputs.eventBusName === bus);
    expect(rules).toHaveLength(2);
    const taken = rules.filter(({ inputs }) =>
      matches(JSON.parse(z.string().parse(inputs.eventPattern)), event),
    );
    expect(taken.map(({ name }) => name)).toEqual(["DemandSubscriberresearch-demandRule"]);
    expect(
      inputsOf(two, "aws:cloudwatch/eventTarget:EventTarget", "DemandSubscriberresearch-demandTarget"),
    ).toMatchObject({
      arn: "arn:aws:lambda:us-east-1:123456789012:function:gpu-autoscaler-production-research-tick",
      retryPolicy: { maximumEventAgeInSeconds: 60 },
    });
  });
}

function arnOf(graph: Graph, queue: string): string {
  const { name } = inputsOf(graph, QUEUE, queue);
  return `arn:aws:sqs:us-east-1:123456789012:${String(name ?? queue)}`;
}

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { TICK_METRICS } from "../../../functions/src/metric-table.ts";
import type { Deployed } from "../deployed.ts";
import { allOf, inputsOf } from "../graph.ts";
import { ROOT } from "../repository.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

const OF_FUNCTIONS = ["tick-errors", "tick-throttles", "interruption-errors", "interruption-throttles"];
const ALL = ["no-successful-tick", "metrics-stale", "dead-letters", ...OF_FUNCTIONS];

export function alarmsSuite(deployed: () => Deployed): void {
  test("each cluster has all of them, told to the topic, with their way into the runbook", () => {
    const alarms = allOf(deployed().two, ALARM);
    expect(alarms.map(({ name }) => name).sort()).toEqual(
      ["production", "research"].flatMap((cluster) => ALL.map((purpose) => `${cluster}-${purpose}`)).sort(),
    );
    const runbook = readFileSync(`${ROOT}/docs/runbook.md`, "utf8");
    for (const { name, inputs } of alarms) {
      const purpose = name.replace(/^\w+-/, "");
      const topic = [expect.stringMatching(/^arn:aws:sns:us-east-1:123456789012:.*Alarms/)];
      expect(inputs).toMatchObject({ alarmActions: topic, okActions: topic, period: 60 });
      expect(inputs.alarmDescription).toContain(`docs/runbook.md#${purpose}`);
      expect(runbook).toContain(`\n## ${purpose}\n`);
    }
  });

  test("no successful tick for five minutes alarms, and so does a function that is not run at all", () => {
    expect(inputsOf(deployed().two, ALARM, "research-no-successful-tick")).toMatchObject({
      namespace: "GpuAutoscaler",
      metricName: "TickSucceeded" satisfies keyof typeof TICK_METRICS,
      dimensions: { service: "gpu-autoscaler-tick", cluster: "research" },
      statistic: "Sum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      evaluationPeriods: 5,
      treatMissingData: "breaching",
    });
  });

  test.each([
    ["production", 180],
    ["research", 300],
  ])("measurements of %s alarm once they are too old to be used", (cluster, seconds) => {
    expect(inputsOf(deployed().two, ALARM, `${cluster}-metrics-stale`)).toMatchObject({
      metricName: "MetricsAgeSeconds" satisfies keyof typeof TICK_METRICS,
      dimensions: { service: "gpu-autoscaler-tick", cluster },
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: seconds,
    });
  });

  test("one dead letter alarms at once", () => {
    const { two } = deployed();
    expect(inputsOf(two, ALARM, "production-dead-letters")).toMatchObject({
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: expect.stringContaining("deadletters") },
      threshold: 1,
      evaluationPeriods: 1,
    });
  });

  test("errors and throttles of either function alarm", () => {
    const { two } = deployed();
    for (const purpose of ["tick", "interruption"]) {
      for (const metric of ["Errors", "Throttles"]) {
        expect(inputsOf(two, ALARM, `research-${purpose}-${metric.toLowerCase()}`)).toMatchObject({
          namespace: "AWS/Lambda",
          metricName: metric,
          dimensions: { FunctionName: `gpu-autoscaler-production-research-${purpose}` },
          threshold: 1,
        });
      }
    }
  });
}

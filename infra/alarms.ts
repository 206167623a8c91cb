import type { ClusterConfig } from "./configuration.ts";
import type { EksCluster } from "./eks-cluster.ts";
import { type DeployedFunction, METRICS_NAMESPACE, serviceName } from "./function.ts";
import type { Interruption } from "./interruption.ts";
import { CLUSTER_TAG, physicalName } from "./names.ts";

interface Alarm {
  readonly purpose: string;
  readonly description: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, $util.Input<string>>>;
  readonly statistic: "Sum" | "Maximum";
  /** Alarms at this or beyond it. */
  readonly when: { readonly atLeast: number } | { readonly below: number };
  /** Of a minute each. */
  readonly minutes: number;
  readonly missing: "breaching" | "notBreaching";
}

/** Where alarms are told. Subscribe to it: docs/deploy.md. */
export function createAlarmTopic(): sst.aws.SnsTopic {
  return new sst.aws.SnsTopic("Alarms");
}

/** What of a cluster must not go unseen; docs/runbook.md tells what to do about each. */
export function createAlarms(
  config: ClusterConfig,
  cluster: EksCluster,
  tick: DeployedFunction,
  interruption: Interruption,
  topic: sst.aws.SnsTopic,
): void {
  for (const alarm of alarmsOf(config, cluster, tick, interruption)) {
    const { when, dimensions } = alarm;
    new aws.cloudwatch.MetricAlarm(`${cluster.name}-${alarm.purpose}`, {
      name: physicalName(255, cluster.name, alarm.purpose),
      alarmDescription: `${alarm.description} See docs/runbook.md#${alarm.purpose}`,
      namespace: alarm.namespace,
      metricName: alarm.metric,
      dimensions: { ...dimensions },
      statistic: alarm.statistic,
      period: 60,
      evaluationPeriods: alarm.minutes,
      comparisonOperator: "below" in when ? "LessThanThreshold" : "GreaterThanOrEqualToThreshold",
      threshold: "below" in when ? when.below : when.atLeast,
      treatMissingData: alarm.missing,
      alarmActions: [topic.arn],
      okActions: [topic.arn],
      tags: { [CLUSTER_TAG]: cluster.name },
    });
  }
}

function alarmsOf(
  config: ClusterConfig,
  cluster: EksCluster,
  tick: DeployedFunction,
  interruption: Interruption,
): Alarm[] {
  const ofTick = { service: serviceName("tick"), cluster: cluster.name };
  return [
    {
      purpose: "no-successful-tick",
      description: `No tick of the cluster ${cluster.name} has succeeded for 5 min: nothing is scaled.`,
      namespace: METRICS_NAMESPACE,
      metric: "TickSucceeded",
      dimensions: ofTick,
      statistic: "Sum",
      when: { below: 1 },
      minutes: 5,
      missing: "breaching",
    },
    {
      purpose: "metrics-stale",
      description: `GPU measurements of the cluster ${cluster.name} are missing or old: utilization is unknown.`,
      namespace: METRICS_NAMESPACE,
      metric: "MetricsAgeSeconds",
      dimensions: ofTick,
      statistic: "Maximum",
      when: { atLeast: config.staleAfter / 1000 },
      minutes: 10,
      missing: "notBreaching",
    },
    {
      purpose: "dead-letters",
      description: `An announcement of an interruption could not be handled in the cluster ${cluster.name}.`,
      namespace: "AWS/SQS",
      metric: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: interruption.deadLetters.nodes.queue.name },
      statistic: "Maximum",
      when: { atLeast: 1 },
      minutes: 1,
      missing: "notBreaching",
    },
    ...ofFunction("tick", tick, 3),
    ...ofFunction("interruption", interruption.function, 1),
  ];
}

/** A tick may fail now and then, and the next succeeds; an interruption has no time for that. */
function ofFunction(purpose: string, { name }: DeployedFunction, errorMinutes: number): Alarm[] {
  const common = {
    namespace: "AWS/Lambda",
    dimensions: { FunctionName: name },
    statistic: "Sum",
    when: { atLeast: 1 },
    missing: "notBreaching",
  } as const;
  return [
    {
      ...common,
      purpose: `${purpose}-errors`,
      description: `The function ${name} fails.`,
      metric: "Errors",
      minutes: errorMinutes,
    },
    {
      ...common,
      purpose: `${purpose}-throttles`,
      description: `The function ${name} is throttled: the account's concurrency is used up.`,
      metric: "Throttles",
      minutes: 1,
    },
  ];
}

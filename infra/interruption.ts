import type { EksCluster } from "./eks-cluster.ts";
import { createFunction, type DeployedFunction } from "./function.ts";
import { CLUSTER_TAG, physicalName } from "./names.ts";
import type { FunctionNetwork } from "./network.ts";
import { policyDocument } from "./policy.ts";
import { onItems } from "./table.ts";

/** What AWS announces on the account's default bus about instances that are about to go, or are going. */
const ANNOUNCEMENTS = {
  instances: {
    source: ["aws.ec2"],
    "detail-type": [
      "EC2 Spot Instance Interruption Warning",
      "EC2 Instance Rebalance Recommendation",
      "EC2 Capacity Reservation Instance Interruption Warning",
    ],
  },
  ends: {
    source: ["aws.ec2"],
    "detail-type": ["EC2 Instance State-change Notification"],
    detail: { state: ["shutting-down", "stopping"] },
  },
  health: {
    source: ["aws.health"],
    "detail-type": ["AWS Health Event"],
    detail: { service: ["EC2"], eventTypeCategory: ["scheduledChange"] },
  },
} as const;

const TIMEOUT_SECONDS = 150;
/** Then a message goes to the dead-letter queue. */
const RECEIVES = 3;
/** A Spot instance is gone 2 min after its warning; what is older than this has been seen by a tick. */
const EVENT_AGE_SECONDS = 900;
const BATCH = 10;
/** 50 warnings at once are five batches. */
const BATCHES_AT_ONCE = 10;

export interface InterruptionParts {
  readonly cluster: EksCluster;
  readonly tick: DeployedFunction;
  readonly table: sst.aws.Dynamo;
  readonly network: FunctionNetwork | null;
}

export interface Interruption {
  readonly function: DeployedFunction;
  readonly deadLetters: sst.aws.Queue;
}

/**
 * The queue of a cluster's announcements and the function that answers to them. Every cluster hears
 * of all instances of the account, and does nothing about those that are not its own.
 */
export function createInterruption({ cluster, tick, table, network }: InterruptionParts): Interruption {
  const deadLetters = new sst.aws.Queue(`${cluster.name}-dead-letters`, {
    transform: { queue: { messageRetentionSeconds: 14 * 24 * 3600 } },
  });
  const queue = new sst.aws.Queue(`${cluster.name}-interruptions`, {
    visibilityTimeout: `${TIMEOUT_SECONDS} seconds`,
    dlq: { queue: deadLetters.arn, retry: RECEIVES },
  });
  const answer = createFunction({
    cluster,
    purpose: "interruption",
    memory: "512 MB",
    timeout: `${TIMEOUT_SECONDS} seconds`,
    environment: { TICK_FUNCTION: tick.component.arn },
    table,
    network,
    statements: [
      { Sid: "FindInstances", Action: ["ec2:DescribeInstances"], Resource: "*" },
      onItems(table, cluster.name, ["cluster"], { Sid: "ReadState", Action: ["dynamodb:GetItem"] }),
      onItems(table, cluster.name, ["interruptions"], {
        Sid: "NoteInterruptions",
        Action: ["dynamodb:PutItem"],
      }),
      { Sid: "WakeTick", Action: ["lambda:InvokeFunction"], Resource: tick.component.arn },
      {
        Sid: "ReceiveAnnouncements",
        Action: ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        Resource: queue.arn,
      },
    ],
  });
  new aws.lambda.EventSourceMapping(`${cluster.name}-interruptions-mapping`, {
    eventSourceArn: queue.arn,
    functionName: answer.component.arn,
    batchSize: BATCH,
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: BATCHES_AT_ONCE },
  });
  announce(cluster, queue, deadLetters);
  return { function: answer, deadLetters };
}

function announce(cluster: EksCluster, queue: sst.aws.Queue, deadLetters: sst.aws.Queue): void {
  const rules = Object.entries(ANNOUNCEMENTS).map(([kind, pattern]) => {
    const name = `${cluster.name}-${kind}`;
    const rule = new aws.cloudwatch.EventRule(name, {
      name: physicalName(64, cluster.name, kind),
      description: `gpu-autoscaler: instances that are about to go, for the cluster ${cluster.name}`,
      eventPattern: JSON.stringify(pattern),
      tags: { [CLUSTER_TAG]: cluster.name },
    });
    new aws.cloudwatch.EventTarget(`${name}-target`, {
      rule: rule.name,
      arn: queue.arn,
      deadLetterConfig: { arn: deadLetters.arn },
      retryPolicy: { maximumEventAgeInSeconds: EVENT_AGE_SECONDS, maximumRetryAttempts: 20 },
    });
    return rule.arn;
  });
  for (const [name, { url, arn }] of Object.entries({ interruptions: queue, "dead-letters": deadLetters })) {
    new aws.sqs.QueuePolicy(`${cluster.name}-${name}-policy`, {
      queueUrl: url,
      policy: policyDocument([
        {
          Sid: "OurRulesSend",
          Action: ["sqs:SendMessage"],
          Resource: arn,
          Principal: { Service: "events.amazonaws.com" },
          Condition: { ArnEquals: { "aws:SourceArn": rules } },
        },
      ]),
    });
  }
}

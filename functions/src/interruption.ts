import { createInterruptionPorts, openDynamoTable } from "@gpu-autoscaler/adapters";
import { parseConfig, policyOf } from "@gpu-autoscaler/core";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import config from "../../autoscaler.config.ts";
import { clock } from "./clock.ts";
import { interruptionEnvironment } from "./environment.ts";
import { answerBatch } from "./interruption-run.ts";
import { INTERRUPTION_METRICS } from "./metric-table.ts";
import { createTelemetry } from "./telemetry.ts";

const environment = interruptionEnvironment();
const policy = policyOf(parseConfig(config), environment.cluster);
const telemetry = createTelemetry(environment, INTERRUPTION_METRICS);
let end = 0;
const table = openDynamoTable({ region: policy.region, clock }, environment.tableName);
const surroundings = { clock, deadline: () => end };
const ports = createInterruptionPorts(policy, surroundings, table, environment.tickFunction);

/** A batch of events of the default bus, each of which may be of an instance of the cluster. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  telemetry.addContext(context);
  end = clock.now() + context.getRemainingTimeInMillis();
  const { response, figures } = await answerBatch(event, policy, ports, telemetry.log, end);
  telemetry.publish(figures);
  return response;
}

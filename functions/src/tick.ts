import { parseConfig, policyOf } from "@gpu-autoscaler/core";
import type { Context } from "aws-lambda";
import config from "../../autoscaler.config.ts";
import { clock } from "./clock.ts";
import { tickEnvironment } from "./environment.ts";
import { TICK_METRICS } from "./metric-table.ts";
import { createTelemetry } from "./telemetry.ts";
import { createTickRun } from "./tick-run.ts";

const environment = tickEnvironment();
const policy = policyOf(parseConfig(config), environment.cluster);
const telemetry = createTelemetry(environment, TICK_METRICS);
const runTicks = createTickRun(policy, environment, telemetry.log, clock);

/** One tick of the cluster, whoever asks for it: the schedule, a demand event, an interruption. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  telemetry.addContext(context);
  try {
    const figures = await runTicks(clock.now() + context.getRemainingTimeInMillis());
    if (figures) telemetry.publish(figures);
  } catch (error) {
    telemetry.log.error("the tick failed", { error });
    throw error;
  }
}

import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { TickWaker } from "@gpu-autoscaler/core";
import { type AwsAccess, type CallLimits, clientConfig } from "../aws/access.ts";
import { createCaller } from "../aws/caller.ts";

/** Lambda takes an event within milliseconds, and who wakes the planner is in a hurry. */
const LIMITS: Partial<CallLimits> = { attemptMs: 3_000, budgetMs: 15_000, firstRestMs: 100 };

/**
 * Wakes the planner by an asynchronous invocation of its function, and does not wait for what it does.
 * `tickFunction`: its ARN or name. Throws what `awsError` says.
 */
export function createTickWaker(access: AwsAccess, tickFunction: string): TickWaker {
  const client = new LambdaClient(clientConfig(access));
  const call = createCaller(access, "lambda");
  const Payload = new TextEncoder().encode(JSON.stringify({ source: "gpu-autoscaler.interruption" }));
  return {
    async wake() {
      await call(
        "InvokeFunction",
        (options) =>
          client.send(
            new InvokeCommand({ FunctionName: tickFunction, InvocationType: "Event", Payload }),
            options,
          ),
        { limits: LIMITS },
      );
    },
  };
}

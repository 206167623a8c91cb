import type { EC2ClientConfig } from "@aws-sdk/client-ec2";
import type { Clock, EpochMs } from "@gpu-autoscaler/core";
import { NodeHttpHandler } from "@smithy/node-http-handler";

/** How AWS is reached. */
export interface AwsAccess {
  readonly region: string;
  readonly clock: Clock;
  /** The SDK's default chain where absent: in Lambda, the function's role. */
  readonly credentials?: EC2ClientConfig["credentials"];
  /** AWS's own endpoints where absent. */
  readonly endpoint?: string;
  /** When the tick must have ended: no attempt begins or lasts beyond it. Without it each call has its own budget. */
  readonly deadline?: () => EpochMs;
  /** Instead of each call's own limits. */
  readonly limits?: Partial<CallLimits>;
  /** Hears of every attempt of every call: for counts. */
  readonly onCall?: (call: AwsCall) => void;
}

/** A call to AWS. Its IAM action is `service:operation`. */
export interface AwsCall {
  readonly service: "aps" | "autoscaling" | "dynamodb" | "ec2" | "eks" | "lambda" | "pricing";
  readonly operation: string;
  readonly region: string;
}

/** How long a call may take. Milliseconds. */
export interface CallLimits {
  /** One attempt. */
  readonly attemptMs: number;
  /** All attempts, with the rests between them. */
  readonly budgetMs: number;
  /** The first rest after a throttled attempt; each further one doubles it, up to `longestRestMs`. */
  readonly firstRestMs: number;
  readonly longestRestMs: number;
}

/** Within a Lambda's minute, with room for what comes after. */
export const USUAL_LIMITS: CallLimits = {
  attemptMs: 10_000,
  budgetMs: 20_000,
  firstRestMs: 400,
  longestRestMs: 5_000,
};

export const CONNECT_WITHIN_MS = 2_000;

/** What every client of the SDK is made with. Attempts are ours to repeat: see `createCaller`. */
export function clientConfig(access: AwsAccess, region = access.region) {
  const { credentials, endpoint } = access;
  return {
    region,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ connectionTimeout: CONNECT_WITHIN_MS }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

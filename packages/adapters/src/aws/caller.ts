import { setTimeout as rest } from "node:timers/promises";
import { AutoscalerError, type EpochMs } from "@gpu-autoscaler/core";
import { type AwsAccess, type AwsCall, type CallLimits, USUAL_LIMITS } from "./access.ts";
import { awsError } from "./error.ts";

/** The options of an attempt, for the client's `send`. */
interface AttemptOptions {
  readonly abortSignal: AbortSignal;
}

/**
 * Makes a call by attempts. What may pass (throttling, a time-out, a fault of the service) is
 * attempted again after a rest, while the call's budget and the tick's deadline last; then, and for
 * whatever will not pass, it throws the error of `awsError`.
 */
export type Caller = <Output>(
  operation: string,
  attempt: (options: AttemptOptions) => Promise<Output>,
  how?: CallOptions,
) => Promise<Output>;

interface CallOptions {
  readonly limits?: Partial<CallLimits>;
  /**
   * For calls that must not be carried out twice: only these codes, by which AWS says that it did
   * nothing, are attempted again.
   */
  readonly repeatOn?: ReadonlySet<string>;
}

/**
 * A caller of one service. Once the service has throttled a call, the others wait as well: AWS
 * throttles an account's operations together.
 */
export function createCaller(access: AwsAccess, service: AwsCall["service"], region = access.region): Caller {
  const { clock } = access;
  let openAt: EpochMs = 0;

  return async (operation, attempt, how = {}) => {
    const limits = { ...USUAL_LIMITS, ...how.limits, ...access.limits };
    const call: AwsCall = { service, operation, region };
    const end = Math.min(clock.now() + limits.budgetMs, access.deadline?.() ?? Number.POSITIVE_INFINITY);
    let restedMs = 0;
    let earlier: AutoscalerError | null = null;
    for (let attempts = 1; ; attempts++) {
      const wait = openAt - clock.now();
      if (wait > 0) await restWithin(end, wait, call);
      access.onCall?.(call);
      const leftMs = end - clock.now();
      try {
        return await oneAttempt(attempt, Math.min(limits.attemptMs, leftMs), call);
      } catch (error) {
        const failure = error instanceof AutoscalerError ? error : awsError(call, error);
        const isCutShort = failure.code === "aws-timeout" && leftMs < limits.attemptMs;
        if (isCutShort && earlier !== null) throw earlier;
        earlier = failure;
        const restMs = jittered(limits, attempts);
        restedMs += restMs;
        // The rests are counted as well: a clock that stands still must not make this endless.
        const isOver = clock.now() + restMs >= end || restedMs >= limits.budgetMs;
        const mayRepeat = failure.retryable && (how.repeatOn?.has(failure.code) ?? true);
        if (!mayRepeat || isOver) throw failure;
        if (failure.code === "throttled") openAt = Math.max(openAt, clock.now() + restMs);
        else await rest(restMs);
      }
    }
  };

  async function restWithin(end: EpochMs, ms: number, call: AwsCall): Promise<void> {
    if (clock.now() + ms >= end) throw awsError(call, { name: "Throttling", message: "still throttled" });
    await rest(ms);
  }
}

async function oneAttempt<Output>(
  attempt: (options: AttemptOptions) => Promise<Output>,
  ms: number,
  call: AwsCall,
): Promise<Output> {
  if (ms <= 0) throw awsError(call, { name: "TimeoutError", message: "the tick's deadline has come" });
  return attempt({ abortSignal: AbortSignal.timeout(Math.ceil(ms)) });
}

/** Doubles with each attempt; half of it is by chance, so that callers that failed together part. */
function jittered({ firstRestMs, longestRestMs }: CallLimits, attempts: number): number {
  const whole = Math.min(firstRestMs * 2 ** (attempts - 1), longestRestMs);
  return Math.ceil(whole / 2 + (Math.random() * whole) / 2);
}

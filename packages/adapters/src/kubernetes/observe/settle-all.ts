import { AutoscalerError } from "@gpu-autoscaler/core";

/**
 * Waits for all, whatever becomes of each, so that nothing goes on in the background. Throws one
 * error that says all that went wrong, or what nobody expected.
 */
export async function settleAll(promises: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const errors: AutoscalerError[] = [];
  for (const result of results) {
    if (result.status === "fulfilled") continue;
    if (!(result.reason instanceof AutoscalerError)) throw result.reason;
    errors.push(result.reason);
  }
  const [first, ...others] = errors;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  throw new AutoscalerError(first.code, [...new Set(errors.map(({ message }) => message))].join("; "), {
    retryable: errors.every(({ retryable }) => retryable),
    data: first.data,
    cause: new AggregateError(errors),
  });
}

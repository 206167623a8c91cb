import type { Lambda } from "./start-lambda.ts";

/** A function's metrics of its last run, as CloudWatch reads them out of its log. */
export function lastMetrics({ lines }: Lambda): Readonly<Record<string, unknown>> {
  const line = lines.findLast((each) => "_aws" in each);
  if (!line) throw new Error("the function sent no metrics");
  const { _aws, ...values } = line;
  return values;
}

/** What it said, by message. */
export function said({ lines }: Lambda, message: string): readonly Record<string, unknown>[] {
  return lines.filter((line) => line.message === message);
}

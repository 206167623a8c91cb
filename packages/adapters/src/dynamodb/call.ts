import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { AutoscalerError } from "@gpu-autoscaler/core";
import type { CallLimits } from "../aws/access.ts";
import type { Caller } from "../aws/caller.ts";
import type { DynamoTable } from "./table.ts";

/** DynamoDB answers within milliseconds: what takes longer is asked again, and soon. */
const LIMITS: Partial<CallLimits> = {
  attemptMs: 3_000,
  budgetMs: 10_000,
  firstRestMs: 50,
  longestRestMs: 2_000,
};

/**
 * Makes a call, again after throttling and broken connections while budget and deadline last.
 * Throws what `awsError` says; `dynamodb-table-missing` where there is no such table.
 */
export async function call<Output>(
  { caller, table }: DynamoTable,
  operation: string,
  attempt: Parameters<typeof caller<Output>>[1],
): Promise<Output> {
  try {
    return await caller(operation, attempt, { limits: LIMITS });
  } catch (error) {
    if (!(error instanceof AutoscalerError) || error.code !== "ResourceNotFoundException") throw error;
    throw new AutoscalerError(
      "dynamodb-table-missing",
      `there is no table ${table} where it was looked for: deploy it, or correct its name or the region (${error.message})`,
      { data: { ...error.data, table }, cause: error },
    );
  }
}

/** Makes a conditional write. Gives null when it was made, else the item that stood against it, {} for none. */
export async function writeIf(
  table: DynamoTable,
  operation: string,
  attempt: Parameters<Caller>[1],
): Promise<NonNullable<ConditionalCheckFailedException["Item"]> | null> {
  try {
    await call(table, operation, attempt);
    return null;
  } catch (error) {
    const cause = error instanceof AutoscalerError ? error.cause : error;
    if (cause instanceof ConditionalCheckFailedException) return cause.Item ?? {};
    throw error;
  }
}

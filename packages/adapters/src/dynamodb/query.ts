import { type AttributeValue, QueryCommand, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { call } from "./call.ts";
import type { DynamoTable } from "./table.ts";

/** What a query finds, page by page: whoever stops reading pays for no more. */
export async function* query(
  table: DynamoTable,
  input: Omit<QueryCommandInput, "TableName" | "ExclusiveStartKey">,
): AsyncGenerator<Record<string, AttributeValue>> {
  let next: Record<string, AttributeValue> | undefined;
  do {
    const page = await call(table, "Query", (options) =>
      table.client.send(
        new QueryCommand({ ...input, TableName: table.table, ExclusiveStartKey: next }),
        options,
      ),
    );
    yield* page.Items ?? [];
    next = page.LastEvaluatedKey;
  } while (next);
}

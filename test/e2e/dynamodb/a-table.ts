import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import {
  type AwsAccess,
  type DynamoTable,
  openDynamoTable,
  TABLE_ATTRIBUTES,
} from "@gpu-autoscaler/adapters";

/** DynamoDB Local checks no key, but keeps the tables of each apart. */
export function localAccess(
  endpoint: string,
  options: Partial<Pick<AwsAccess, "limits" | "deadline">> = {},
): AwsAccess {
  return {
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    clock: { now: () => Date.now() },
    ...options,
  };
}

let tables = 0;

/** Makes an empty table with the keys that the adapters expect. */
export async function aTable(access: AwsAccess): Promise<DynamoTable> {
  const { partitionKey, sortKey } = TABLE_ATTRIBUTES;
  const opened = openDynamoTable(access, `autoscaler-${++tables}`);
  await opened.client.send(
    new CreateTableCommand({
      TableName: opened.table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: partitionKey, AttributeType: "S" },
        { AttributeName: sortKey, AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: partitionKey, KeyType: "HASH" },
        { AttributeName: sortKey, KeyType: "RANGE" },
      ],
    }),
  );
  return opened;
}

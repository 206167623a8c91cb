import type { Statement } from "./policy.ts";

/** State, lease, decisions and notes of all clusters: docs/adapters/dynamodb.md. */
export function createTable() {
  return new sst.aws.Dynamo("Table", {
    fields: { pk: "string", sk: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    ttl: "expiresAt",
    deletionProtection: $app.stage === "production",
  });
}

/** Partition keys of a cluster's items, as the adapters make them. */
const KEYS = {
  cluster: (name: string) => `cluster#${name}`,
  decisions: (name: string) => `decisions#*#${name}`,
  interruptions: (name: string) => `interruptions#${name}`,
} as const;

/** Leave to do these things with a cluster's own items of some kinds, and with no other cluster's. */
export function onItems(
  table: sst.aws.Dynamo,
  cluster: string,
  kinds: readonly (keyof typeof KEYS)[],
  statement: Pick<Statement, "Sid" | "Action">,
): Statement {
  const keys = kinds.map((kind) => KEYS[kind](cluster));
  return {
    ...statement,
    Resource: table.arn,
    Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys } },
  };
}

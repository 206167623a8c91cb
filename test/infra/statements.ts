import * as z from "zod";
import { allOf, type Graph, inputsOf } from "./graph.ts";

const OneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const Statement = z.object({
  Sid: z.string().optional(),
  Effect: z.literal("Allow"),
  Action: OneOrMore,
  Resource: OneOrMore.default([]),
  Principal: z.record(z.string(), OneOrMore).default({}),
  Condition: z.record(z.string(), z.record(z.string(), OneOrMore)).default({}),
});
export type Statement = z.output<typeof Statement>;

const Document = z.object({ Statement: z.array(Statement) });
const Inline = z.array(z.object({ name: z.string(), policy: z.string() })).default([]);

/** A policy is text, or its parts. */
export function statementsIn(document: unknown): Statement[] {
  return Document.parse(typeof document === "string" ? JSON.parse(document) : document).Statement;
}

/** What a role may do by policies of its own. */
export function grantedTo(graph: Graph, role: string): Statement[] {
  const { inlinePolicies } = inputsOf(graph, "aws:iam/role:Role", role);
  return Inline.parse(inlinePolicies).flatMap(({ policy }) => statementsIn(policy));
}

export interface Placed {
  /** Whose policy it is. */
  readonly of: string;
  readonly statement: Statement;
}

/** Every statement that grants something, wherever it is: policies of roles, of queues, and all others. */
export function everyStatement(graph: Graph): Placed[] {
  const ofRoles = allOf(graph, "aws:iam/role:Role").flatMap(({ name }) =>
    grantedTo(graph, name).map((statement) => ({ of: name, statement })),
  );
  const others = graph.resources.flatMap(({ name, inputs: { policy } }) =>
    typeof policy === "string" ? statementsIn(policy).map((statement) => ({ of: name, statement })) : [],
  );
  return [...ofRoles, ...others];
}

const READS = /^[a-z0-9-]+:(Describe|Get|List|Query)/;

export function isRead(action: string): boolean {
  return READS.test(action);
}

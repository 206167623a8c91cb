import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { AutoscalerError, type EpochMs, readTickRecord, type TickRecord } from "@gpu-autoscaler/core";
import * as z from "zod";
import { Body, readBody } from "./body.ts";
import { query } from "./query.ts";
import { type DynamoTable, decisionsOfDay, isoTime, KEEP_DECISIONS_MS } from "./table.ts";

const DAY_MS = 24 * 3_600_000;

/** A decision that was kept, or what is wrong with what was kept in its place. */
export type KeptDecision =
  | { readonly record: TickRecord; readonly problem: null }
  | { readonly record: null; readonly problem: string };

const Keys = z.object({ sk: z.object({ S: z.string() }) });
const Part = z.object({
  part: z.object({ N: z.string().transform(Number).pipe(z.int().nonnegative()) }),
  parts: z.object({ N: z.string().transform(Number).pipe(z.int().positive()) }),
});

/**
 * The decisions of a cluster from `since` until `now`, oldest first, page by page: whoever stops
 * reading pays for no more. TTL deletes late: what is older than 30 days is left out here.
 */
export async function* readDecisions(
  table: DynamoTable,
  cluster: string,
  since: EpochMs,
  now: EpochMs,
): AsyncGenerator<KeptDecision> {
  const from = Math.max(since, now - KEEP_DECISIONS_MS);
  // From midnight to midnight, so that the last day is not stepped over.
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day <= now; day += DAY_MS) {
    yield* joined(itemsOf(table, decisionsOfDay(cluster, day), from, now));
  }
}

function itemsOf(
  table: DynamoTable,
  pk: string,
  from: EpochMs,
  to: EpochMs,
): AsyncGenerator<Record<string, AttributeValue>> {
  return query(table, {
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
    ExpressionAttributeValues: {
      ":pk": { S: pk },
      ":from": { S: isoTime(from) },
      // "~" sorts behind whatever follows the time in a key.
      ":to": { S: `${isoTime(to)}~` },
    },
  });
}

/** Puts the parts of each record together: they follow one another, the first of them first. */
async function* joined(items: AsyncIterable<Record<string, AttributeValue>>): AsyncGenerator<KeptDecision> {
  let open: { readonly name: string; readonly parts: number; readonly bodies: Body[] } | null = null;
  for await (const item of items) {
    const name = Keys.safeParse(item).data?.sk.S ?? "";
    const part = Part.safeParse(item).data;
    const body = Body.safeParse(item).data;
    if (open && (part?.part.N !== open.bodies.length || !body)) {
      yield cutShort(open.name);
      open = null;
    }
    if (!part || !body) yield { record: null, problem: `${name}: is no part of a decision` };
    else if (open) open.bodies.push(body);
    else if (part.part.N === 0) open = { name, parts: part.parts.N, bodies: [body] };
    else if (part.part.N === 1) yield cutShort(name);
    if (open && open.bodies.length === open.parts) {
      yield await decisionOf(open.name, open.bodies);
      open = null;
    }
  }
  if (open) yield cutShort(open.name);
}

function cutShort(name: string): KeptDecision {
  return { record: null, problem: `${name}: was not written whole` };
}

async function decisionOf(name: string, bodies: readonly Body[]): Promise<KeptDecision> {
  try {
    const { record, problem } = readTickRecord(await readBody(whole(bodies), name));
    return problem === null ? { record, problem } : { record, problem: `${name}: ${problem}` };
  } catch (error) {
    if (error instanceof AutoscalerError) return { record: null, problem: error.message };
    throw error;
  }
}

function whole(bodies: readonly Body[]): Body {
  const [first] = bodies;
  if (first && "json" in first) return first;
  return { gzip: { B: Buffer.concat(bodies.flatMap((body) => ("gzip" in body ? [body.gzip.B] : []))) } };
}

import * as z from "zod";
import { formatPath, shown } from "../config/problem.ts";
import { REASONS, type ReasonCode } from "../model/reason.ts";
import type { TickRecord } from "./tick-record.ts";

const REASON_CODES = Object.keys(REASONS).filter((code): code is ReasonCode => code in REASONS);

const Reason = z.object({
  code: z.enum(REASON_CODES, {
    error: ({ input }) => `${shown(input)} is no reason that this version knows`,
  }),
  detail: z.string(),
});
const CapacityType = z.enum(["reserved", "spot", "on-demand"]);
const Texts = z.array(z.string());

const effect = { key: z.string(), pool: z.string(), reason: Reason };
const onNode = { ...effect, node: z.string() };

const Effect = z.discriminatedUnion("kind", [
  z.object({
    ...effect,
    kind: z.literal("LaunchInstances"),
    group: z.string(),
    zone: z.string(),
    capacityType: CapacityType,
    count: z.int(),
    gpus: z.number(),
    nanoDollarsPerHour: z.number(),
    gang: z.string().nullable(),
  }),
  z.object({
    ...effect,
    kind: z.literal("SetDesiredCapacity"),
    group: z.string(),
    from: z.int(),
    to: z.int(),
  }),
  z.object({
    ...onNode,
    kind: z.literal("CordonNode"),
    resourceVersion: z.string(),
    taint: z.object({
      key: z.string(),
      value: z.string(),
      effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
    }),
  }),
  z.object({ ...onNode, kind: z.literal("UncordonNode"), resourceVersion: z.string() }),
  z.object({
    ...onNode,
    kind: z.literal("EvictPod"),
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
    gracePeriodSeconds: z.number().nullable(),
  }),
  z.object({
    ...effect,
    kind: z.literal("TerminateInstances"),
    group: z.string(),
    instances: z.array(z.object({ id: z.string(), node: z.string().nullable() })),
    onlyIfNoGpuPods: z.boolean(),
  }),
]);

const DemandDecision = z.object({
  pods: Texts,
  asksFor: z.string(),
  gang: z.string().nullable(),
  outcomes: z.array(z.object({ count: z.int(), reason: Reason, effect: z.string().nullable() })),
  rejected: z.array(
    z.object({
      pool: z.string(),
      group: z.string().nullable(),
      zone: z.string().nullable(),
      reasons: z.array(Reason),
    }),
  ),
  podsPerNode: z.record(z.string(), z.number()).exactOptional(),
});

const Offer = z.object({
  pool: z.string(),
  group: z.string(),
  zones: Texts,
  capacityType: CapacityType,
  gpus: z.number(),
  nanoDollarsPerHour: z.number(),
  effectiveNanoDollarsPerHour: z.number(),
});

const Outcome = z.object({
  key: z.string(),
  status: z.enum(["done", "partly", "failed", "skipped", "dry-run"]),
  at: z.number(),
  reason: Reason.nullable(),
  launch: z
    .object({
      launched: z.array(z.object({ id: z.string(), zone: z.string(), instanceType: z.string() })),
      errors: z.array(
        z.object({ code: z.string(), message: z.string(), instanceType: z.string().nullable() }),
      ),
      rolledBack: z.boolean(),
    })
    .nullable(),
});

/** A record as it is stored; fields of later versions are left out. */
const StoredRecord: z.ZodType<TickRecord> = z.object({
  cluster: z.string(),
  decidedAt: z.number(),
  effects: z.array(Effect),
  demand: z.array(DemandDecision),
  nodes: z.array(z.object({ node: z.string(), pool: z.string().nullable(), reasons: z.array(Reason) })),
  problems: z.array(Reason),
  outcomes: z.array(Outcome),
  offers: z.array(Offer).exactOptional(),
  tried: z.array(DemandDecision).exactOptional(),
  arrived: z.array(z.object({ pod: z.string(), createdAt: z.number() })).exactOptional(),
  bound: z.array(z.object({ pod: z.string(), node: z.string() })).exactOptional(),
  instances: z.record(z.string(), z.string()).exactOptional(),
});

/** Reads a record out of a decision log; says what is wrong with it, and where, when it is none. */
export function readTickRecord(
  input: unknown,
):
  | { readonly record: TickRecord; readonly problem: null }
  | { readonly record: null; readonly problem: string } {
  const { data, error } = StoredRecord.safeParse(input);
  if (data) return { record: data, problem: null };
  const [issue] = error.issues;
  const path = formatPath(issue?.path ?? []);
  return { record: null, problem: `${path ? `${path}: ` : ""}${issue?.message ?? "is no record"}` };
}

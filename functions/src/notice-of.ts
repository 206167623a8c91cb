import { AutoscalerError, type EpochMs, MINUTE_MS, type Notice } from "@gpu-autoscaler/core";
import * as z from "zod";

/** EC2 takes a Spot instance so long after its warning ("Spot Instance interruption notices" of EC2's documentation). */
const SPOT_NOTICE_MS = 2 * MINUTE_MS;

/** A date as AWS writes them: ISO 8601, or RFC 1123 in AWS Health. */
const Instant = z.string().transform((text, { addIssue }): EpochMs => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) addIssue(`"${text}" is no date`);
  return at;
});
const InstanceId = z.string().regex(/^i-[0-9a-f]{8,17}$/, "is no instance id");

const Envelope = z.object({
  "detail-type": z.string(),
  source: z.string(),
  time: Instant,
  detail: z.unknown(),
});

const OneInstance = z.object({ "instance-id": InstanceId });

const EndOfReservation = z.object({ "instance-id": InstanceId, "instance-termination-time": Instant });

const StateChange = z.object({ "instance-id": InstanceId, state: z.string() });

const HealthEvent = z.object({
  service: z.string(),
  eventTypeCategory: z.string(),
  statusCode: z.string().optional(),
  startTime: Instant.optional(),
  affectedEntities: z.array(z.object({ entityValue: z.string() })).default([]),
});

/** How the detail of a kind of event is read; null for one that tells nothing of interest. */
interface Reader {
  readonly source: string;
  read(detail: unknown, time: EpochMs): Notice | null;
}

/** By detail type. Source: the event references of EC2, EC2 Auto Scaling and AWS Health. */
const READERS: Readonly<Record<string, Reader>> = {
  "EC2 Spot Instance Interruption Warning": {
    source: "aws.ec2",
    read: (detail, time) => ({
      kind: "spot-interruption",
      instanceIds: [at("detail", OneInstance, detail)["instance-id"]],
      noticedAt: time,
      deadline: time + SPOT_NOTICE_MS,
    }),
  },
  "EC2 Instance Rebalance Recommendation": {
    source: "aws.ec2",
    read: (detail, time) => ({
      kind: "rebalance-recommendation",
      instanceIds: [at("detail", OneInstance, detail)["instance-id"]],
      noticedAt: time,
      deadline: null,
    }),
  },
  "EC2 Capacity Reservation Instance Interruption Warning": {
    source: "aws.ec2",
    read(detail, time) {
      const { "instance-id": id, "instance-termination-time": deadline } = at(
        "detail",
        EndOfReservation,
        detail,
      );
      return { kind: "scheduled-event", instanceIds: [id], noticedAt: time, deadline };
    },
  },
  "EC2 Instance State-change Notification": {
    source: "aws.ec2",
    read(detail, time) {
      const { "instance-id": id, state } = at("detail", StateChange, detail);
      return ENDING_STATES.has(state)
        ? { kind: "changed", instanceIds: [id], noticedAt: time, deadline: null }
        : null;
    },
  },
  "AWS Health Event": { source: "aws.health", read: scheduledChange },
};

/** An instance that starts is looked at by the tick that launched it. */
const ENDING_STATES: ReadonlySet<string> = new Set(["stopping", "stopped", "shutting-down", "terminated"]);

/** Issues and notifications move nobody; a scheduled change says when its instances will be stopped. */
function scheduledChange(detail: unknown, time: EpochMs): Notice | null {
  const event = at("detail", HealthEvent, detail);
  const { service, eventTypeCategory, statusCode, startTime, affectedEntities } = event;
  const instanceIds = affectedEntities.flatMap(
    ({ entityValue }) => /i-[0-9a-f]{8,17}$/.exec(entityValue) ?? [],
  );
  const isScheduled = service === "EC2" && eventTypeCategory === "scheduledChange" && statusCode !== "closed";
  if (!isScheduled || instanceIds.length === 0) return null;
  return { kind: "scheduled-event", instanceIds, noticedAt: time, deadline: startTime ?? null };
}

/**
 * What an event of the default bus, as a queue delivers it, says of instances; null for events of
 * other kinds and sources, which are nobody's business here. Throws `event-unreadable`, which names
 * the place: delivering it again would not help.
 */
export function noticeOf(body: string): Notice | null {
  const { "detail-type": type, source, time, detail } = at("", Envelope, parsed(body));
  const reader = READERS[type];
  return reader?.source === source ? reader.read(detail, time) : null;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw unreadable(`the body is no JSON: ${error instanceof Error ? error.message : error}`, error);
  }
}

function at<Schema extends z.ZodType>(place: string, schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    const where = [place, ...path.map(String)].filter((name) => name !== "").join(".");
    return `${where || "the event"}: ${message}`;
  });
  throw unreadable(problems.join("; "), result.error);
}

function unreadable(problem: string, cause: unknown): AutoscalerError {
  return new AutoscalerError(
    "event-unreadable",
    `an event of the default bus is not as AWS documents it: ${problem}. See the rule that sent it here`,
    { cause },
  );
}

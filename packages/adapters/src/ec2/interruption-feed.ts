import {
  DescribeInstanceStatusCommand,
  DescribeSpotInstanceRequestsCommand,
  type InstanceStatus,
  type SpotInstanceRequest,
} from "@aws-sdk/client-ec2";
import {
  AutoscalerError,
  type Clock,
  type EpochMs,
  type Interruption,
  type InterruptionFeed,
  MINUTE_MS,
} from "@gpu-autoscaler/core";
import { allPages } from "../aws/pages.ts";
import type { Ec2 } from "./ec2.ts";

/** Scheduled events that stop or restart the instance; `system-maintenance` may, too. */
const EVENT_CODES = [
  "instance-reboot",
  "instance-retirement",
  "instance-stop",
  "system-maintenance",
  "system-reboot",
];

/** Spot requests whose instance was given notice. Source: EC2's Spot request status codes. */
const NOTICE_CODES = ["marked-for-stop", "marked-for-termination"];
/** From EC2's notice until it takes a Spot instance. */
const NOTICE_MS = 2 * MINUTE_MS;
/** EC2 tells of events that are over for a week, with this before their description. */
const OVER = /^\[(Completed|Canceled|Cancelled)\]/i;

/**
 * What of EC2's announcements can be asked for: scheduled events, and Spot requests marked for
 * termination. It finds what no event told of; rebalance recommendations come by event alone.
 * Instances of others are among them, and do no harm. When one of the two cannot be read the other
 * stands; throws when neither can.
 */
export function createInterruptionFeed(ec2: Ec2, clock: Clock): InterruptionFeed {
  return {
    async readInterruptions() {
      const at = clock.now();
      const [notices, events] = await Promise.all([
        attempt(async () => interruptionsOf(await readMarkedRequests(ec2), at)),
        attempt(async () => eventsOf(await readStatusesWithEvents(ec2), at)),
      ]);
      if (notices instanceof AutoscalerError && events instanceof AutoscalerError) throw notices;
      const interruptions = new Map<string, Interruption>();
      const gaps: string[] = [];
      // A Spot notice is the nearer end: it wins over an event of the same instance.
      for (const part of [events, notices]) {
        if (part instanceof AutoscalerError) gaps.push(`announced interruptions: ${part.message}`);
        else for (const each of part) interruptions.set(each.instanceId, each);
      }
      return { at, interruptions: [...interruptions.values()], gaps };
    },
  };
}

async function attempt<Value>(read: () => Promise<Value>): Promise<Value | AutoscalerError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AutoscalerError) return error;
    throw error;
  }
}

function readMarkedRequests(ec2: Ec2): Promise<SpotInstanceRequest[]> {
  return allPages(async (NextToken) => {
    const { SpotInstanceRequests: items, NextToken: next } = await ec2.call(
      "DescribeSpotInstanceRequests",
      (options) =>
        ec2.client.send(
          new DescribeSpotInstanceRequestsCommand({
            Filters: [{ Name: "status-code", Values: NOTICE_CODES }],
            MaxResults: 1000,
            NextToken,
          }),
          options,
        ),
    );
    return { items, next };
  });
}

function interruptionsOf(requests: readonly SpotInstanceRequest[], at: EpochMs): Interruption[] {
  return requests.flatMap(({ InstanceId: instanceId, Status }) => {
    if (instanceId === undefined) return [];
    const updatedAt = Status?.UpdateTime?.getTime() ?? at;
    const noticedAt = Math.min(updatedAt, at);
    return [{ instanceId, kind: "spot-interruption", noticedAt, deadline: noticedAt + NOTICE_MS }];
  });
}

function readStatusesWithEvents(ec2: Ec2): Promise<InstanceStatus[]> {
  return allPages(async (NextToken) => {
    const { InstanceStatuses: items, NextToken: next } = await ec2.call("DescribeInstanceStatus", (options) =>
      ec2.client.send(
        new DescribeInstanceStatusCommand({
          Filters: [{ Name: "event.code", Values: EVENT_CODES }],
          MaxResults: 1000,
          NextToken,
        }),
        options,
      ),
    );
    return { items, next };
  });
}

/** The earliest event of each instance that is not over. */
function eventsOf(statuses: readonly InstanceStatus[], at: EpochMs): Interruption[] {
  return statuses.flatMap(({ InstanceId: instanceId, Events = [] }) => {
    const coming = Events.filter(({ Description = "" }) => !OVER.test(Description));
    if (instanceId === undefined || coming.length === 0) return [];
    const times = coming.flatMap(({ NotBefore }) => NotBefore?.getTime() ?? []);
    const deadline = times.length > 0 ? Math.min(...times) : null;
    return [{ instanceId, kind: "scheduled-event", noticedAt: at, deadline }];
  });
}

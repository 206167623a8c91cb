import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { noticeOf } from "../../functions/src/notice-of.ts";
import { dataFolder, NO_DATA } from "../environment.ts";
import { anEvent, rebalanceRecommendation, spotWarning } from "./events.ts";

const AT = Date.UTC(2026, 0, 1);
const ID = "i-0b662ef9931388ba0";

const read = (event: object) => noticeOf(JSON.stringify(event));
const health = (detail: object) =>
  anEvent(
    "AWS Health Event",
    AT,
    {
      service: "EC2",
      eventTypeCategory: "scheduledChange",
      affectedEntities: [{ entityValue: ID }],
      ...detail,
    },
    "aws.health",
  );

describe("an event of the default bus", () => {
  test.each([
    {
      name: "a Spot warning gives two minutes",
      event: spotWarning(ID, AT),
      want: { kind: "spot-interruption", instanceIds: [ID], noticedAt: AT, deadline: AT + 120_000 },
    },
    {
      name: "a rebalance recommendation has no deadline",
      event: rebalanceRecommendation(ID, AT),
      want: { kind: "rebalance-recommendation", instanceIds: [ID], noticedAt: AT, deadline: null },
    },
    {
      name: "the end of a Capacity Block says when",
      event: anEvent("EC2 Capacity Reservation Instance Interruption Warning", AT, {
        "instance-id": ID,
        "instance-action": "terminate",
        "instance-termination-time": "2026-01-01T00:40:00Z",
      }),
      want: { kind: "scheduled-event", instanceIds: [ID], noticedAt: AT, deadline: AT + 40 * 60_000 },
    },
    {
      name: "a scheduled change of AWS Health names instances by ARN and a date of RFC 1123",
      event: health({
        startTime: "Thu, 27 Aug 2026 13:19:03 GMT",
        affectedEntities: [{ entityValue: `arn:aws:ec2:us-east-1:123456789012:instance/${ID}` }],
      }),
      want: {
        kind: "scheduled-event",
        instanceIds: [ID],
        noticedAt: AT,
        deadline: Date.UTC(2026, 7, 27, 13, 19, 3),
      },
    },
    {
      name: "an instance that ends is one that the planner looks at",
      event: anEvent("EC2 Instance State-change Notification", AT, {
        "instance-id": ID,
        state: "terminated",
      }),
      want: { kind: "changed", instanceIds: [ID], noticedAt: AT, deadline: null },
    },
  ])("$name", ({ event, want }) => {
    expect(read(event)).toEqual(want);
  });

  test.each([
    { name: "of a kind that is nobody's business here", event: anEvent("EBS Volume Notification", AT, {}) },
    {
      name: "that anybody may put on the bus under EC2's name",
      event: { ...spotWarning(ID, AT), source: "my.application" },
    },
    { name: "of AWS Health about what happened already", event: health({ eventTypeCategory: "issue" }) },
    { name: "of AWS Health about a change that is over", event: health({ statusCode: "closed" }) },
    {
      name: "of AWS Health about volumes",
      event: health({ affectedEntities: [{ entityValue: "vol-0123" }] }),
    },
    { name: "of AWS Health about another service", event: health({ service: "RDS" }) },
    {
      name: "of an instance that starts",
      event: anEvent("EC2 Instance State-change Notification", AT, { "instance-id": ID, state: "pending" }),
    },
  ])("$name is passed over", ({ event }) => {
    expect(read(event)).toBeNull();
  });

  test.each([
    { name: "no JSON", body: "{", where: /the body is no JSON/ },
    { name: "no event", body: "[]", where: /the event: .*expected object/ },
    {
      name: "no instance id",
      body: JSON.stringify(anEvent("EC2 Instance Rebalance Recommendation", AT, { "instance-id": "web-1" })),
      where: /detail\.instance-id: is no instance id/,
    },
    {
      name: "no date",
      body: JSON.stringify({ ...spotWarning(ID, AT), time: "soon" }),
      where: /time: "soon" is no date/,
    },
    {
      name: "a list of entities that is none",
      body: JSON.stringify(health({ affectedEntities: [{ value: ID }] })),
      where: /detail\.affectedEntities\.0\.entityValue: /,
    },
  ])("with $name is refused, and the place is named", ({ body, where }) => {
    expect(() => noticeOf(body)).toThrow(
      expect.objectContaining({ code: "event-unreadable", retryable: false }),
    );
    expect(() => noticeOf(body)).toThrow(where);
  });
});

describe("events as AWS's own projects publish them", () => {
  test.for([
    { file: "nth-ec2-spot-instance-interruption-warning", want: ["spot-interruption", ID] },
    { file: "nth-ec2-instance-rebalance-recommendation", want: ["rebalance-recommendation", ID] },
    { file: "nth-aws-health-event-scheduled-change", want: ["scheduled-event", "i-12345678"] },
    {
      file: "awsdocs-health-ec2-instance-retirement-scheduled",
      want: ["scheduled-event", "i-1234567890abcdef0"],
    },
    { file: "awsdocs-health-ec2-instance-store-drive-performance-degraded", want: null },
    { file: "health-tools-AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED", want: null },
    { file: "nth-ec2-instance-state-change-notification", want: null },
    { file: "nth-ec2-instance-terminate-lifecycle-action", want: null },
    { file: "lambda-go-autoscaling-event-launch-unsuccessful", want: null },
    { file: "lambda-go-autoscaling-event-terminate-successful", want: null },
  ])("$file", ({ file, want }, { skip }) => {
    if (dataFolder === undefined) return skip(NO_DATA);
    const notice = noticeOf(readFileSync(join(dataFolder, "events", `${file}.json`), "utf8"));
    expect(notice && [notice.kind, ...notice.instanceIds]).toEqual(want);
  });
});

/** Events of the default bus, as AWS's references of EC2 and AWS Health have them. */

const ENVELOPE = {
  version: "0",
  id: "5d5555d5",
  account: "123456789012",
  region: "us-east-1",
  resources: [],
};

/** An event of a detail type, at a time (epoch ms). */
export function anEvent(detailType: string, at: number, detail: object, source = "aws.ec2"): object {
  const time = new Date(at).toISOString();
  return { ...ENVELOPE, source, "detail-type": detailType, time, detail };
}

export function spotWarning(instanceId: string, at: number): object {
  const detail = { "instance-id": instanceId, "instance-action": "terminate" };
  return anEvent("EC2 Spot Instance Interruption Warning", at, detail);
}

export function rebalanceRecommendation(instanceId: string, at: number): object {
  return anEvent("EC2 Instance Rebalance Recommendation", at, { "instance-id": instanceId });
}

/** As a queue delivers them: message m-0, m-1, … What is text is a body as it is. */
export function aBatch(...events: readonly (object | string)[]) {
  return {
    Records: events.map((event, at) => ({
      messageId: `m-${at}`,
      receiptHandle: `r-${at}`,
      body: typeof event === "string" ? event : JSON.stringify(event),
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "0",
        SenderId: "events.amazonaws.com",
        ApproximateFirstReceiveTimestamp: "0",
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:interruptions",
      awsRegion: "us-east-1",
    })),
  };
}

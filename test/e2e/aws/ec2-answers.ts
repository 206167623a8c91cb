import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import * as z from "zod";
import { Refusal } from "./answer.ts";
import type { AwsState } from "./state.ts";

const Filtered = z.object({
  Filters: z.array(z.object({ Name: z.string(), Values: z.array(z.string()) })).default([]),
});

/** The values that a filter of the request allows; null for any. */
function allowed(input: unknown, filter: string): ReadonlySet<string> | null {
  const found = Filtered.parse(input).Filters.find(({ Name }) => Name === filter);
  return found ? new Set(found.Values) : null;
}

export async function describeSpotPriceHistory(state: AwsState, input: unknown): Promise<object> {
  const types = allowed(input, "instance-type");
  const zones = allowed(input, "availability-zone");
  const SpotPriceHistory = [...state.spotDollars].flatMap(([key, SpotPrice]) => {
    const [InstanceType = "", AvailabilityZone = ""] = key.split("/");
    if (types?.has(InstanceType) === false || zones?.has(AvailabilityZone) === false) return [];
    return [
      { InstanceType, AvailabilityZone, SpotPrice, ProductDescription: "Linux/UNIX", Timestamp: new Date() },
    ];
  });
  return { SpotPriceHistory };
}

/** Of instances that EC2 gave notice to, until they are gone. */
export async function describeSpotInstanceRequests(state: AwsState, input: unknown): Promise<object> {
  const codes = allowed(input, "status-code");
  const running = await runningIds(state);
  const SpotInstanceRequests = [...state.notices]
    .filter(([id]) => running.has(id))
    .map(([InstanceId, UpdateTime]) => ({
      SpotInstanceRequestId: `sir-${InstanceId.slice(-8)}`,
      State: "active",
      InstanceId,
      Status: { Code: "marked-for-termination", Message: "marked for termination", UpdateTime },
    }))
    .filter(({ Status }) => codes?.has(Status.Code) ?? true);
  return { SpotInstanceRequests };
}

export async function describeInstanceStatus(state: AwsState, input: unknown): Promise<object> {
  const codes = allowed(input, "event.code");
  const running = await runningIds(state);
  const InstanceStatuses = [...state.scheduledEvents]
    .filter(([id]) => running.has(id))
    .map(([InstanceId, Events]) => ({ InstanceId, Events }))
    .filter(({ Events }) => Events.some(({ Code = "" }) => codes?.has(Code) ?? true));
  return { InstanceStatuses };
}

const ReservationsInput = z.object({ CapacityReservationIds: z.array(z.string()).optional() });

export async function describeCapacityReservations(state: AwsState, input: unknown): Promise<object> {
  const { CapacityReservationIds: ids } = ReservationsInput.parse(input);
  if (!ids) return { CapacityReservations: state.reservations };
  const CapacityReservations = ids.map((id) => {
    const found = state.reservations.find((each) => each.CapacityReservationId === id);
    if (found) return found;
    throw new Refusal(
      "InvalidCapacityReservationId.NotFound",
      `The capacity reservation ID '${id}' does not exist`,
    );
  });
  return { CapacityReservations };
}

async function runningIds({ moto }: AwsState): Promise<ReadonlySet<string>> {
  const { Reservations = [] } = await moto.ec2.send(
    new DescribeInstancesCommand({
      Filters: [{ Name: "instance-state-name", Values: ["pending", "running"] }],
    }),
  );
  return new Set(
    Reservations.flatMap(({ Instances = [] }) => Instances.flatMap(({ InstanceId }) => InstanceId ?? [])),
  );
}

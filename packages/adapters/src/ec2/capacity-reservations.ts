import { DescribeCapacityReservationsCommand } from "@aws-sdk/client-ec2";
import { AutoscalerError } from "@gpu-autoscaler/core";
import { allPages } from "../aws/pages.ts";
import type { Ec2 } from "./ec2.ts";

/** How many instances each reservation can still start, by its id, and what could not be told. */
interface Reservations {
  readonly available: ReadonlyMap<string, number>;
  readonly gaps: readonly string[];
}

/** `InvalidCapacityReservationId.NotFound` and `.Malformed`, of EC2's API error codes. */
const NOT_FOUND = "InvalidCapacityReservationId";
const RESERVATION_ID = /cr-[0-9a-f]{8,17}/g;

/**
 * Reads capacity reservations. One of which EC2 tells nothing, or that is not active, can start
 * none: its group is passed over, and the others are used.
 */
export async function readReservations(ec2: Ec2, ids: readonly string[]): Promise<Reservations> {
  const gaps: string[] = [];
  let asked = ids;
  while (asked.length > 0) {
    try {
      return { available: await describe(ec2, asked), gaps };
    } catch (error) {
      if (!(error instanceof AutoscalerError)) throw error;
      const rest = error.code.startsWith(NOT_FOUND) ? without(asked, error.message) : asked;
      const hint = rest.length < asked.length ? "; correct capacityReservations, or take it out" : "";
      gaps.push(`capacity reservations, which count as used up: ${error.message}${hint}`);
      if (rest.length === asked.length) break;
      asked = rest;
    }
  }
  return { available: new Map(), gaps };
}

/** EC2 refuses the whole call for one unknown id, and names those that it does not know. */
function without(ids: readonly string[], message: string): readonly string[] {
  const named = new Set(message.match(RESERVATION_ID) ?? []);
  return ids.filter((id) => !named.has(id));
}

async function describe(ec2: Ec2, ids: readonly string[]): Promise<Map<string, number>> {
  const reservations = await allPages(async (NextToken) => {
    const { CapacityReservations: items, NextToken: next } = await ec2.call(
      "DescribeCapacityReservations",
      (options) =>
        ec2.client.send(
          new DescribeCapacityReservationsCommand({ CapacityReservationIds: [...ids], NextToken }),
          options,
        ),
    );
    return { items, next };
  });
  const available = new Map<string, number>();
  for (const { CapacityReservationId: id, State, AvailableInstanceCount = 0 } of reservations) {
    if (id !== undefined) available.set(id, State === "active" ? AvailableInstanceCount : 0);
  }
  return available;
}

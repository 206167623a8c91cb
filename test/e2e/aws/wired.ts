import { type AwsAccess, createAwsPorts } from "@gpu-autoscaler/adapters";
import type { Group, Ports } from "@gpu-autoscaler/core";
import { afterAll, beforeEach, type TestContext, test } from "vitest";
import { aPolicy, aPool, ZONES } from "../../builders/index.ts";
import { type Aws, type GroupToMake, startAws } from "./start-aws.ts";
import type { StateOptions } from "./state.ts";

export type AwsPorts = Pick<Ports, "capacityReader" | "capacityWriter" | "interruptionFeed" | "priceList">;

/** AWS on loopback, and the adapters on it. */
export interface Wired {
  readonly aws: Aws;
  /** The real clock, which a test may set ahead. */
  readonly clock: { now(): number; aheadMs: number };
  makeGroup(options: Omit<GroupToMake, "name"> & { readonly name?: string }): Promise<Group>;
  portsOf(groups: readonly Group[], access?: Partial<AwsAccess>): AwsPorts;
}

/**
 * Starts AWS for a test file, and runs `tests` over it; where it cannot be started, one skipped test
 * says why.
 */
export async function overTheWire(tests: (wired: Wired) => void, options: StateOptions = {}): Promise<void> {
  const aws = await startAws({ fillAfterMs: 300, terminateAfterMs: 300, ...options });
  if ("missing" in aws) {
    test("AWS over the wire", ({ skip }: TestContext) => skip(aws.missing));
    return;
  }
  let groups = 0;
  const clock = { aheadMs: 0, now: () => Date.now() + clock.aheadMs };
  beforeEach(() => {
    aws.restoreCapacity();
    aws.resetCalls();
    aws.throttle(0);
    clock.aheadMs = 0;
  });
  afterAll(() => aws.stop());
  tests({
    aws,
    clock,
    async makeGroup(options) {
      groups += 1;
      const group = { name: `group-${groups}`, ...options };
      await aws.createGroup(group);
      return aGroup(group);
    },
    portsOf(some, access = {}) {
      const { region, endpoint, credentials } = aws;
      const pools = [aPool("pool", [], { groups: some })];
      // moto is slow where the machine is busy: no test is to be about that.
      const limits = { attemptMs: 30_000, budgetMs: 60_000, ...access.limits };
      return createAwsPorts({ region, endpoint, credentials, clock, ...access, limits }, aPolicy(pools));
    },
  });
}

/** The group as the configuration has it. */
export function aGroup({ name, instanceTypes, capacityType = "on-demand", ...rest }: GroupToMake): Group {
  const { zones = ZONES, max: maxNodes = 10, adopted = false } = rest;
  const of = { pool: "pool", zones, minNodes: 0, maxNodes, adopted, reservationEndsAt: null };
  return { name, instanceTypes, capacityType, ...of };
}

let launches = 0;

/** Launches under a token of its own; gives the ids. */
export async function launchIn(
  ports: AwsPorts,
  group: Group,
  count: number,
  zone = "us-east-1a",
): Promise<string[]> {
  launches += 1;
  const token = `launch-${launches}`;
  const { launched } = await ports.capacityWriter.launchInstances({ group: group.name, zone, count, token });
  return launched.map(({ id }) => id);
}

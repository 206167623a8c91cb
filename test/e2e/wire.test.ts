import { afterAll, afterEach, test } from "vitest";
import { apiServerFaults } from "./wire/api-server-faults.ts";
import { awsFaults } from "./wire/aws-faults.ts";
import { crashes } from "./wire/crashes.ts";
import { metricsFaults } from "./wire/metrics-faults.ts";
import { wholeStory } from "./wire/whole-story.ts";
import { startWire } from "./wire/wire.ts";

/** `runTick` over real etcd, API server, scheduler and Prometheus, DynamoDB Local, and AWS on loopback. */
const wire = await startWire();

if ("missing" in wire) test.skip(`runTick over the wire: ${wire.missing}`, () => {});
else {
  afterEach(wire.reset);
  afterAll(wire.stop);
  wholeStory(wire);
  crashes(wire);
  apiServerFaults(wire);
  metricsFaults(wire);
  awsFaults(wire);
}

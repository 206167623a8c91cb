import { afterAll, afterEach, test } from "vitest";
import { deploy } from "./functions/deployment.ts";
import { interruptions } from "./functions/interruptions.ts";
import { story } from "./functions/story.ts";
import { startWire } from "./wire/wire.ts";

/** The bundled handlers, each in a process of its own, invoked as Lambda would, over the wire of wire.test.ts. */
const wire = await startWire();

if ("missing" in wire) test.skip(`the bundled functions over the wire: ${wire.missing}`, () => {});
else {
  const deployment = await deploy(wire, [
    { name: "story" },
    { name: "dry-run", dryRun: true },
    { name: "wet-run" },
    { name: "quiet" },
    { name: "paused" },
    { name: "at-once" },
    { name: "spot", capacityType: "spot" },
    { name: "spot-paused", capacityType: "spot" },
    { name: "spot-letters", capacityType: "spot" },
  ]);
  afterEach(async () => {
    await deployment.reset();
    await wire.reset();
  });
  afterAll(async () => {
    await deployment.stop();
    await wire.stop();
  });
  story(wire, deployment);
  interruptions(wire, deployment);
}

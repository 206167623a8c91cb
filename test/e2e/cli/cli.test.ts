import { afterAll, afterEach, test } from "vitest";
import { startWire } from "../wire/wire.ts";
import { aWorkplace, type Workplace } from "./command.ts";
import { doctors } from "./doctors.ts";
import { pauses } from "./pauses.ts";
import { plans } from "./plans.ts";

/** The real command over real etcd, API server and scheduler, DynamoDB Local, and AWS on loopback. */
const wire = await startWire();

if ("missing" in wire) test.skip(`the command over the wire: ${wire.missing}`, () => {});
else {
  const workplaces: Workplace[] = [];
  const workIn: typeof aWorkplace = async (...args) => {
    const workplace = await aWorkplace(...args);
    workplaces.push(workplace);
    return workplace;
  };
  afterEach(async () => {
    await Promise.all(workplaces.splice(0).map((workplace) => workplace.leave()));
    await wire.reset();
  });
  afterAll(wire.stop);
  plans(wire, workIn);
  pauses(wire, workIn);
  doctors(wire, workIn);
}

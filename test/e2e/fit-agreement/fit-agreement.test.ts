import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIRST_START_MS } from "../control-plane/control-plane.ts";
import { type Agreement, measureAgreement } from "./agreement.ts";
import { FAMILIES } from "./families.ts";
import { type KubeScheduler, startKubeScheduler } from "./kube-scheduler.ts";

const CASES = 2_000;
/** Of which each family has its share of cases that fit nowhere. */
const SEED = 4;
const MEASURING_MS = 15 * 60_000;

/** Families that kube-scheduler is not known to judge otherwise. */
const ASSERTED = Object.keys(FAMILIES).filter((name) => FAMILIES[name]?.known === undefined);

describe("fit and the real kube-scheduler", () => {
  let scheduler: KubeScheduler | undefined;
  let agreement: Agreement | undefined;
  let missing = "";

  beforeAll(async () => {
    const start = await startKubeScheduler();
    if ("missing" in start) {
      missing = start.missing;
      return;
    }
    scheduler = start;
    agreement = await measureAgreement(scheduler, { cases: CASES, seed: SEED });
  }, FIRST_START_MS + MEASURING_MS);
  afterAll(() => scheduler?.stop());

  test.for(ASSERTED)("agree on %s", (name, { skip }) => {
    if (!agreement) return skip(missing);
    const { disagreements, predicates } = agreement;
    const tally = predicates[name];
    const ofName = disagreements.filter((text) => text.startsWith(`${name}: `)).join("\n\n");
    expect(tally?.cases).toBeGreaterThan(80);
    expect((tally?.agreed ?? 0) / (tally?.cases ?? 0), ofName).toBeGreaterThanOrEqual(0.999);
    expect((tally?.sandboxAgreed ?? 0) / (tally?.cases ?? 0), ofName).toBeGreaterThanOrEqual(0.999);
  });

  test("the cases are neither too easy nor too hard, and some worlds are large", ({ skip }) => {
    if (!agreement) return skip(missing);
    for (const name of ASSERTED) {
      const { fitSomewhere = 0, cases = 0 } = agreement.predicates[name] ?? {};
      expect(fitSomewhere / cases, name).toBeGreaterThanOrEqual(0.3);
      expect(fitSomewhere / cases, name).toBeLessThanOrEqual(0.7);
    }
    expect(agreement.mostNodes).toBeGreaterThan(90);
  });

  test("kube-scheduler has not changed its mind where it is known to judge otherwise", ({ skip }) => {
    if (!agreement) return skip(missing);
    for (const [name, { known }] of Object.entries(FAMILIES)) {
      const { agreed = 0, cases = 0 } = agreement.predicates[name] ?? {};
      // Where it has, the family is like the others: take `known` away, and its entry in docs/fit-agreement.md.
      if (known !== undefined) expect(agreed, `${name}: ${known}`).toBeLessThan(cases);
    }
  });
});

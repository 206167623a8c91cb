import { expect, test } from "vitest";
import { billOf, metricsBillOf, totalOf } from "../bench/cost/bill.ts";
import { writtenBy } from "../bench/cost/measured.ts";
import { SIZES } from "../bench/cost/usage.ts";
import { costPage } from "./cost-page.ts";
import { ROOT } from "./pages.ts";

test("docs/cost.md is what prices and usage make; `npx vitest run test/docs -u` writes it anew", async () => {
  await expect(costPage()).toMatchFileSnapshot(`${ROOT}docs/cost.md`);
});

test.each([
  { nodes: 100, most: 5 },
  { nodes: 1_000, most: 30 },
])("$nodes nodes cost at most $most $ a month", ({ nodes, most }) => {
  const size = SIZES.find((each) => each.nodes === nodes);
  if (!size) throw new Error(`there is no bill for ${nodes} nodes`);
  expect(totalOf(billOf(size))).toBeLessThanOrEqual(most);
  const [samples] = metricsBillOf(size);
  expect((samples?.dollars ?? 0) / size.gpus).toBeLessThanOrEqual(0.05);
});

test.each(SIZES)("what is billed for a decision at $nodes nodes is what it writes, rounded up", (size) => {
  const measured = writtenBy(size.nodes);
  for (const what of ["record", "state", "logLines"] as const) {
    expect(measured[what], what).toBeLessThanOrEqual(size.written[what]);
    expect(measured[what], what).toBeGreaterThan(size.written[what] / 2);
  }
});

import { expect, test } from "vitest";
import { metricsPage } from "./metrics-page.ts";
import { ROOT } from "./pages.ts";

test("docs/metrics.md is what the table says; `npx vitest run test/docs -u` writes it anew", async () => {
  await expect(metricsPage()).toMatchFileSnapshot(`${ROOT}docs/metrics.md`);
});

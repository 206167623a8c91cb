import { REASONS } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { ROOT, tableRows } from "./pages.ts";
import { reasonsPage } from "./reasons-page.ts";

test("docs/reasons.md is what the source says; `npx vitest run test/docs -u` writes it anew", async () => {
  await expect(reasonsPage()).toMatchFileSnapshot(`${ROOT}docs/reasons.md`);
});

test("it has every reason, in the order of the source", () => {
  expect(tableRows(reasonsPage())).toEqual(Object.entries(REASONS));
});

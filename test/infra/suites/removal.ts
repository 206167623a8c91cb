import { expect, test } from "vitest";
import type { Deployed } from "../deployed.ts";
import { allOf } from "../graph.ts";

export function removalSuite(deployed: () => Deployed): void {
  test("of the stage production the table alone is kept, and the deploy says so", () => {
    const { two } = deployed();
    const kept = two.resources.filter((each) => each.custom && each.retainOnDelete);
    expect(kept.map(({ type }) => type)).toEqual(["aws:dynamodb/table:Table"]);
    const [table] = kept;
    expect(table?.inputs.deletionProtectionEnabled).toBe(true);
    expect(two.outputs).toMatchObject({ keptByRemove: `the table ${String(table?.inputs.name)}` });
  });

  test("of any other stage nothing is kept", () => {
    const { settled } = deployed();
    expect(settled.resources.filter((each) => each.retainOnDelete)).toEqual([]);
    expect(allOf(settled, "aws:dynamodb/table:Table")[0]?.inputs.deletionProtectionEnabled).not.toBe(true);
    expect(settled.outputs).toMatchObject({ keptByRemove: "nothing" });
  });

  test("groups go with the instances that they have", () => {
    for (const { inputs } of allOf(deployed().two, "aws:autoscaling/group:Group")) {
      expect(inputs.forceDelete).toBe(true);
    }
  });
}

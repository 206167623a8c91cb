import {
  decide,
  explainLaunch,
  explanationText,
  HOUR_MS,
  type LaunchExplanation,
  type Plan,
  type Policy,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPool, aSnapshot, type SnapshotParts, START } from "../builders/index.ts";

const SINGLE = aPool("single", ["g6.xlarge"]);
const QUAD = aPool("quad", ["g6.12xlarge"]);

const waiting = (name: string) =>
  aPod(name)
    .gpu(1)
    .cpu(2)
    .memoryGi(8)
    .ownedBy("Job", name)
    .unschedulableSince(START - HOUR_MS);

function planOf(parts: SnapshotParts, policy: Policy): Plan {
  return decide(aSnapshot(policy, parts), policy, START);
}

/** Of each launch of the plan. */
function explained(plan: Plan): LaunchExplanation[] {
  return plan.effects.map(({ key }) => {
    const explanation = explainLaunch(plan, key);
    if (!explanation) throw new Error(`no explanation of ${key}`);
    return explanation;
  });
}

describe("a launch", () => {
  test("says whom it serves, at what price, and what would have cost more", () => {
    const plan = planOf({ pods: waiting("a").times(3) }, aPolicy([QUAD, SINGLE]));
    const [explanation, ...others] = explained(plan);
    expect(others).toEqual([]);
    expect(explanation).toMatchObject({
      kind: "launch",
      launch: { effect: { group: "single-on-demand", count: 3 }, outcome: null },
      for: [
        {
          pods: ["default/a-0", "default/a-1", "default/a-2"],
          served: 3,
          asksFor: "1 nvidia.com/gpu, 2 cpu, 8 Gi",
          price: { nanoDollarsPerHour: 804_800_000, podsPerNode: 1 },
          refusals: [
            {
              codes: ["NotCheapest"],
              refused: [
                { group: "single-on-demand", zone: "us-east-1b" },
                { group: "single-on-demand", zone: "us-east-1c" },
                { group: "quad-on-demand", zone: null, price: { gpus: 4, podsPerNode: 3 } },
              ],
            },
          ],
        },
      ],
      tried: [],
      alternatives: [],
      nodes: [],
    });
    const text = explanation ? explanationText(explanation) : "";
    expect(text).toContain("which takes 3 of them: $1.5339 a pod, 91 % more");
  });

  test("of a reserved group is told as paid for anyway", () => {
    const reserved = aPool("block", ["p5.48xlarge"], { capacityTypes: ["reserved", "on-demand"] });
    const [explanation] = explained(planOf({ pods: [waiting("a").gpu(8).build()] }, aPolicy([reserved])));
    expect(explanation?.for[0]?.price).toMatchObject({
      capacityType: "reserved",
      effectiveNanoDollarsPerHour: 0,
    });
    expect(explanation && explanationText(explanation)).toContain(
      "(counted as $0.00: it is paid for anyway)",
    );
  });

  test("for a minimum size serves no pods: it shows what else its pool offers", () => {
    const pool = aPool("single", ["g6.xlarge"], {
      minNodes: 1,
      capacityTypes: ["on-demand", "spot"],
      zones: ["us-east-1a", "us-east-1b"],
    });
    const [explanation] = explained(planOf({}, aPolicy([pool])));
    expect(explanation).toMatchObject({
      launch: { effect: { reason: { code: "BelowMinimum" }, group: "single-spot", zone: "us-east-1a" } },
      price: { capacityType: "spot", podsPerNode: null },
      for: [],
      alternatives: [
        { group: "single-spot", zones: ["us-east-1b"] },
        { group: "single-on-demand", zones: ["us-east-1a", "us-east-1b"] },
      ],
    });
  });

  test("by desired capacity is one, its lowering is none", () => {
    const adopted = aPool("theirs", ["g6.xlarge"], { group: { adopted: true } });
    const plan = planOf({ pods: waiting("a").times(2) }, aPolicy([adopted]));
    const [explanation] = explained(plan);
    expect(explanation).toMatchObject({
      launch: { effect: { kind: "SetDesiredCapacity", from: 0, to: 2 } },
      for: [{ served: 2, price: { nanoDollarsPerHour: 804_800_000 } }],
    });
    expect(explanation && explanationText(explanation)).toContain(
      "2 × theirs-on-demand, desired capacity from 0 to 2",
    );
    const [raise] = plan.effects;
    if (raise?.kind !== "SetDesiredCapacity") throw new Error("desired capacity is not raised");
    const lowering = { ...plan, effects: [{ ...raise, from: 2, to: 0 }] };
    expect(explainLaunch(lowering, raise.key)).toBeNull();
  });

  test("that takes two calls has the same pods in both", () => {
    const plan = planOf({ pods: waiting("a").times(150) }, aPolicy([SINGLE]));
    expect(explained(plan).map((each) => [each.for[0]?.pods.length, each.for[0]?.served])).toEqual([
      [150, 150],
      [150, 150],
    ]);
  });

  test("that the plan does not have has no explanation", () => {
    expect(explainLaunch(planOf({}, aPolicy([SINGLE])), "nothing")).toBeNull();
  });
});

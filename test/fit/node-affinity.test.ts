import { describe, expect, test } from "vitest";
import type { Requirement } from "../../packages/core/src/model/pod.ts";
import { aNode, aPod, type PodBuilder } from "../builders/index.ts";
import { misfits } from "./misfits.ts";

const node = aNode("node-1").inZone("us-east-1a").labelled({ gpus: "8", family: "g6" }).build();

const needs = (operator: Requirement["operator"], key: string, ...values: string[]): Requirement => ({
  key,
  operator,
  values,
});

describe("a requirement", () => {
  const cases: Record<string, [Requirement, boolean]> = {
    "In holds for one of its values": [needs("In", "family", "p5", "g6"), true],
    "In holds for no other value": [needs("In", "family", "p5"), false],
    "In does not hold where the label is missing": [needs("In", "rack", ""), false],
    "NotIn holds for every other value": [needs("NotIn", "family", "p5"), true],
    "NotIn does not hold for its values": [needs("NotIn", "family", "p5", "g6"), false],
    "NotIn holds where the label is missing": [needs("NotIn", "rack", "r1"), true],
    "Exists holds where the label is": [needs("Exists", "gpus"), true],
    "Exists does not hold where it is missing": [needs("Exists", "rack"), false],
    "Exists does not take a word of JavaScript for a label": [needs("Exists", "constructor"), false],
    "DoesNotExist holds where the label is missing": [needs("DoesNotExist", "rack"), true],
    "DoesNotExist does not hold where the label is": [needs("DoesNotExist", "gpus"), false],
    "Gt holds for a greater number": [needs("Gt", "gpus", "4"), true],
    "Gt does not hold for the same number": [needs("Gt", "gpus", "8"), false],
    "Gt compares numbers, not text": [needs("Gt", "gpus", "10"), false],
    "Gt does not hold for what is no number": [needs("Gt", "family", "0"), false],
    "Gt does not hold where the label is missing": [needs("Gt", "rack", "0"), false],
    "Gt takes negative numbers": [needs("Gt", "gpus", "-1"), true],
    "Gt refuses more than 64 bits": [needs("Gt", "gpus", "-9223372036854775809"), false],
    "Lt holds for a lesser number": [needs("Lt", "gpus", "10"), true],
    "Lt does not hold for the same number": [needs("Lt", "gpus", "8"), false],
    "Lt refuses a fraction": [needs("Lt", "gpus", "8.5"), false],
  };

  test.each(Object.entries(cases))("%s", (_, [requirement, holds]) => {
    const found = misfits(aPod().requiring(requirement).build(), node);
    expect(found.map(({ code }) => code)).toEqual(holds ? [] : ["NodeAffinityMismatch"]);
  });
});

describe("a pod", () => {
  const cases: Record<string, [PodBuilder, string[]]> = {
    "fits where its nodeSelector's labels are": [aPod().selecting({ family: "g6", gpus: "8" }), []],
    "does not fit where one of them is missing or other": [
      aPod().selecting({ family: "g6", gpus: "4" }),
      ["NodeSelectorMismatch: wants family=g6, gpus=4"],
    ],
    "needs all requirements of a term": [
      aPod().requiring(needs("In", "family", "g6"), needs("Lt", "gpus", "8")),
      ["NodeAffinityMismatch: wants family=g6, gpus<8"],
    ],
    "needs one of its terms": [
      aPod()
        .requiring(needs("In", "family", "p5", "p6"))
        .requiring(needs("Exists", "gpus")),
      [],
    ],
    "is told all of its terms where none holds": [
      aPod()
        .requiring(needs("In", "family", "p5", "p6"), needs("DoesNotExist", "rack"))
        .requiring(needs("NotIn", "gpus", "8")),
      ["NodeAffinityMismatch: wants family in (p5, p6), !rack or gpus!=8"],
    ],
    "fits nowhere with an empty term": [aPod().requiring(), ["NodeAffinityMismatch: wants no node"]],
    "fits nowhere without any term": [
      aPod().with({ nodeAffinity: [] }),
      ["NodeAffinityMismatch: wants no node"],
    ],
    "fits the node that it names": [aPod().requiringNodeNamed("node-1"), []],
    "does not fit another node than it names": [
      aPod().requiringNodeNamed("node-2"),
      ["NodeAffinityMismatch: wants metadata.name=node-2"],
    ],
    "fits no node by several names at once, which Kubernetes does not allow": [
      aPod().with({
        nodeAffinity: [
          { matchExpressions: [], matchFields: [needs("In", "metadata.name", "node-1", "node-2")] },
        ],
      }),
      ["NodeAffinityMismatch: wants metadata.name in (node-1, node-2)"],
    ],
    "fits no node by a field that Kubernetes does not have": [
      aPod().with({
        nodeAffinity: [{ matchExpressions: [], matchFields: [needs("NotIn", "metadata.uid", "1")] }],
      }),
      ["NodeAffinityMismatch: wants metadata.uid!=1"],
    ],
    "needs both nodeSelector and affinity": [
      aPod().selecting({ family: "p5" }).requiring(needs("Exists", "rack")),
      ["NodeSelectorMismatch: wants family=p5", "NodeAffinityMismatch: wants rack"],
    ],
  };

  test.each(Object.entries(cases))("%s", (_, [pod, want]) => {
    const found = misfits(pod.build(), node);
    expect(found.map(({ code, detail }) => `${code}: ${detail}`)).toEqual(want);
  });
});

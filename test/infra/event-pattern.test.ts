import { expect, test } from "vitest";
import { matches } from "./event-pattern.ts";

const EVENT = { source: "aws.ec2", detail: { state: "stopping", tags: ["a", "b"] }, resources: [] };

test.each([
  { pattern: "one of the values", of: { source: ["aws.s3", "aws.ec2"] }, want: true },
  { pattern: "none of the values", of: { source: ["aws.s3"] }, want: false },
  { pattern: "a field that is not there", of: { account: ["1"] }, want: false },
  { pattern: "a value deep inside", of: { detail: { state: ["stopping"] } }, want: true },
  { pattern: "one of two fields", of: { source: ["aws.ec2"], detail: { state: ["running"] } }, want: false },
  { pattern: "an element of a list", of: { detail: { tags: ["b"] } }, want: true },
  { pattern: "an object where there is a value", of: { source: { name: ["aws.ec2"] } }, want: false },
])("$pattern", ({ of, want }) => {
  expect(matches(of, EVENT)).toBe(want);
});

test("an operator that is not modelled throws", () => {
  expect(() => matches({ source: [{ prefix: "aws" }] }, EVENT)).toThrow('{"prefix":"aws"}');
});

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulate } from "@gpu-autoscaler/sandbox";
import { beforeAll, describe, expect, test } from "vitest";
import { aRow } from "../load/a-row.ts";
import { traceOf } from "../load/trace-of.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "explain-"));
const events = join(folder, "decisions.jsonl");
const NODE = "ip-10-0-0-1.ec2.internal";

const explain = (...argv: readonly string[]) => runCommand(["explain", ...argv, "--events", events]);

/** A file of these lines. */
function logOf(...lines: readonly string[]): string {
  const file = join(mkdtempSync(join(folder, "log-")), "log.jsonl");
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

const aLine = (changes: object = {}) =>
  JSON.stringify({
    policy: "gpu-autoscaler",
    cluster: "test",
    decidedAt: 1_767_225_600_000,
    effects: [],
    demand: [],
    nodes: [],
    problems: [],
    outcomes: [],
    ...changes,
  });
const waiting = (pod: string) => ({
  demand: [
    {
      pods: [pod],
      asksFor: "",
      gang: null,
      outcomes: [{ count: 1, reason: { code: "SchedulingGated", detail: "" }, effect: null }],
      rejected: [],
    },
  ],
});

beforeAll(async () => {
  const trace = join(folder, "pods.csv");
  writeFileSync(trace, traceOf([aRow({ name: "train-a" }), aRow({ name: "train-b", submitMs: 3_600_000 })]));
  const argv = ["simulate", "--trace", trace, "--policy", "gpu-autoscaler", "--events", events];
  expect((await runCommand(argv, { simulate })).status).toBe(0);
});

describe("what is explained out of a simulation's log", () => {
  test("a pod: pending since, launched where and rather than what, bound when", async () => {
    const { status, stdout, stderr } = await explain("pod", "default/train-a");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^pod default\/train-a: bound to ip-10-0-0-1\.ec2\.internal after \d+ min/);
    expect(stdout).toMatch(/00:00:00Z {2}created\n/);
    expect(stdout).toMatch(/launched: 1 × .*: \$0\.8048 a pod → i-/);
    expect(stdout).toMatch(/rather than\n {6}NotCheapest: /);
  });

  test("a node: for whom it was launched, why it was kept and ended", async () => {
    const { stdout } = await explain("node", NODE);
    expect(stdout).toMatch(/^node .*: ended: NodeEmpty\n/);
    expect(stdout).toMatch(/launched 1 × .*\n {4}for default\/train-a/);
    expect(stdout).toContain("NotUnneededLongEnough");
  });

  test("a launch, by a key out of the list of all", async () => {
    const { stdout: list } = await explain("launch", "--list");
    const keys = list
      .trim()
      .split("\n")
      .map((line) => line.split(/ {2}/)[1] ?? "");
    expect(keys).toHaveLength(2);
    const { status, stdout } = await explain("launch", keys[1] ?? "");
    expect(status).toBe(0);
    expect(stdout).toContain(`launch ${keys[1]}: 1 × `);
    expect(stdout).toContain("for default/train-b");
  });

  test.each([
    [
      "pod",
      "default/train-a",
      ["policy", "kind", "cluster", "name", "at", "standing", "node", "asksFor", "gang", "story"],
    ],
    [
      "node",
      NODE,
      [
        "policy",
        "kind",
        "cluster",
        "name",
        "at",
        "standing",
        "pool",
        "group",
        "instance",
        "instanceType",
        "zone",
        "story",
      ],
    ],
  ])("as JSON, a %s has every field of its kind", async (kind, name, fields) => {
    const { stdout } = await explain(kind, name, "--json");
    expect(Object.keys(JSON.parse(stdout))).toEqual(fields);
    expect(JSON.parse(stdout)).toMatchObject({ policy: "gpu-autoscaler", kind, name });
  });

  test("as JSON, launches are a list, and one is an object", async () => {
    const { launches } = JSON.parse((await explain("launch", "--list", "--json")).stdout);
    const key = launches[0].launch.effect.key;
    const { stdout } = await explain("launch", key, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "launch",
      name: key,
      for: [{ pods: ["default/train-a"] }],
    });
  });

  test.each(["2026-01-01T00:01:30Z", "2026-01-01 00:01:30Z", "2026-01-01 00:01:30", "1767225690000"])(
    "as it stood at %s",
    async (time) => {
      const { stdout } = await explain("pod", "default/train-a", "--at", time);
      expect(stdout).toMatch(/^pod default\/train-a: pending since 2026-01-01 00:00:00Z, /);
    },
  );
});

describe("policies of a log", () => {
  const ours = aLine(waiting("default/ours"));
  const theirs = aLine({ policy: "karpenter", ...waiting("default/theirs") });
  const explainIn = (file: string, ...argv: readonly string[]) =>
    runCommand(["explain", ...argv, "--events", file]);

  test("ours is taken unless another is named, and which it is is told", async () => {
    const file = logOf(theirs, ours);
    const first = await explainIn(file, "pod", "default/ours");
    expect(first.stdout).toMatch(/^policy gpu-autoscaler\npod default\/ours: /);
    const second = await explainIn(file, "pod", "default/theirs", "--policy", "karpenter");
    expect(second.stdout).toMatch(/^policy karpenter\npod default\/theirs: /);
  });

  test("the only one is taken without a word", async () => {
    expect((await explainIn(logOf(theirs), "pod", "default/theirs")).stdout).toMatch(
      /^pod default\/theirs: /,
    );
  });

  test("one that is not there is refused with those that are", async () => {
    const { status, stderr } = await explainIn(
      logOf(ours, theirs),
      "pod",
      "default/ours",
      "--policy",
      "static",
    );
    expect(status).toBe(2);
    expect(stderr).toContain('has no decision of policy "static": it has those of gpu-autoscaler, karpenter');
  });
});

describe("what is refused, with exit status 2 and no stack trace", () => {
  test.each([
    [
      "a pod that is spelt wrongly",
      ["pod", "default/trian-a"],
      'has no pod "default/trian-a": did you mean "default/train-a"',
    ],
    ["a pod without its namespace", ["pod", "train-b"], 'did you mean "default/train-b"'],
    ["a pod that is like none", ["pod", "elsewhere/something-else"], "write it as NAMESPACE/NAME"],
    ["a node that is like none", ["node", "nobody"], "give the name of a node, or the id of its instance"],
    ["a launch that is like none", ["launch", "nothing"], "explain launch --list has the keys"],
    ["a pod before its time", ["pod", "default/train-b", "--at", "2026-01-01 00:10"], "give a later --at"],
    ["a time that is none", ["pod", "default/train-a", "--at", "25:00"], "Give a time in UTC"],
    ["neither a key nor the list", ["launch"], "Give either the key of a launch, or --list"],
    ["both a key and the list", ["launch", "key", "--list"], "Give either the key of a launch, or --list"],
    ["a kind that is none", ["pool", "g6"], "unknown command 'pool'"],
  ])("%s", async (_, argv, message) => {
    const { status, stdout, stderr } = await explain(...argv);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("a log that is not given", async () => {
    const { status, stderr } = await runCommand(["explain", "pod", "default/a"]);
    expect(status).toBe(2);
    expect(stderr).toContain("give --events FILE");
  });

  test.each([
    ["that is not there", () => join(folder, "nowhere.jsonl"), /cannot be read: ENOENT/],
    ["that is a folder", () => folder, /cannot be read: EISDIR/],
    ["that is empty", () => logOf(), /holds no decision/],
    ["with a line that is no JSON", () => logOf(aLine(), "{"), /has 1 problem:\n {2}line 2: is no JSON\n$/],
    ["with a line that is no object", () => logOf("7"), /line 1: is no decision: it has no policy/],
    ["with a line that was cut off", () => logOf(aLine(), aLine().slice(0, 40)), /line 2: is no JSON/],
    [
      "with a field of another type",
      () => logOf(aLine({ nodes: [{ node: 7, pool: null, reasons: [] }] })),
      /line 1: nodes\[0\]\.node: Invalid input: expected string, received number/,
    ],
    [
      "with a reason that nobody knows",
      () => logOf(aLine({ problems: [{ code: "BadWeather", detail: "" }] })),
      /line 1: problems\[0\]\.code: "BadWeather" is no reason that this version knows/,
    ],
    [
      "with an effect that nobody knows",
      () => logOf(aLine({ effects: [{ kind: "Wait", key: "k", pool: "p" }] })),
      /line 1: effects\[0\]\.kind: /,
    ],
    [
      "whose lines are not in the order of time",
      () => logOf(aLine(), aLine({ decidedAt: 0 })),
      /line 2: is of an earlier time than the decision of gpu-autoscaler before it/,
    ],
    [
      "with many broken lines, of which the first are told",
      () => logOf(aLine(), "", ...Array.from({ length: 25 }, () => "x")),
      /has 25 problems:\n {2}line 3: is no JSON\n(.*\n){19} {2}and 5 more\n$/,
    ],
  ])("a log %s", async (_, file, message) => {
    const { status, stdout, stderr } = await runCommand(["explain", "pod", "default/a", "--events", file()]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("a log is read", () => {
  test("with fields of later versions, blank lines, and no end of the last line", async () => {
    const file = logOf("", aLine({ ...waiting("default/ours"), weather: "bad" }));
    writeFileSync(file, aLine({ ...waiting("default/ours"), weather: "bad" }), { flag: "a" });
    expect((await runCommand(["explain", "pod", "default/ours", "--events", file])).status).toBe(0);
  });

  test("in pieces of a MiB that cut a letter in two", async () => {
    const line = aLine(waiting("default/größe"));
    const filler = (length: number) =>
      aLine({ problems: [{ code: "PodsStale", detail: "x".repeat(length) }] });
    const before = filler(0).length + 1 + Buffer.byteLength(line.slice(0, line.indexOf("ö"))) + 1;
    const file = logOf(filler(2 ** 20 - before), line);
    const { status, stdout } = await runCommand(["explain", "pod", "default/größe", "--events", file]);
    expect(status).toBe(0);
    expect(stdout).toContain("pod default/größe: pending, SchedulingGated");
  });
});

describe("help", () => {
  test.each([
    [
      ["explain", "--help"],
      ["Examples:", "$ gpu-autoscaler explain pod default/train-a", "Exit status:"],
    ],
    [
      ["explain", "pod", "--help"],
      ["--events <file>", "--at <time>", "--policy <name>", "--json"],
    ],
    [
      ["explain", "launch", "--help"],
      ["--list", "[key]"],
    ],
    [["--help"], ["explain"]],
  ])("of %s", async (argv, texts) => {
    const { status, stdout } = await runCommand(argv);
    expect(status).toBe(0);
    for (const text of texts) expect(stdout).toContain(text);
  });
});

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulate } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { runCommand } from "../cli/run-command.ts";
import { aRow } from "../load/a-row.ts";
import { traceOf } from "../load/trace-of.ts";

const folder = mkdtempSync(join(tmpdir(), "report-"));
const trace = join(folder, "pods.csv");
writeFileSync(trace, traceOf([aRow(), aRow({ name: "later", submitMs: 60_000 })]));

describe("simulate --report", () => {
  test("writes a page with every policy that was run, beside what is printed anyway", async () => {
    const file = join(folder, "report.html");
    const argv = ["simulate", "--trace", trace, "--json"];
    const { status, stdout, stderr } = await runCommand([...argv, "--report", file], { simulate });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe((await runCommand(argv, { simulate })).stdout);
    const html = readFileSync(file, "utf8");
    expect(html).toMatch(/^<!doctype html>[\s\S]*<\/html>$/);
    const { policies } = JSON.parse(stdout);
    const [, data = ""] = /<script type="application\/json" id="data">(.*?)<\/script>/.exec(html) ?? [];
    const { scenario, runs } = JSON.parse(data);
    expect(scenario).toBe(`2 pods of ${trace}; Spot none, weather usual, seed 1`);
    expect(
      runs.map(({ name, figures }: { name: string; figures: object }) => ({ name, ...figures })),
    ).toMatchObject(
      policies.map(({ name, costUsd, gpuHoursPaid, waitSeconds }: Record<string, unknown>) => ({
        name,
        costUsd,
        gpuHoursPaid,
        waitSeconds,
      })),
    );
  });

  test("is the same byte for byte for the same seed", async () => {
    const pages = ["one.html", "two.html"].map((name) => join(folder, name));
    for (const page of pages)
      await runCommand(["simulate", "--trace", trace, "--report", page], { simulate });
    const [one, two] = pages.map((page) => readFileSync(page, "utf8"));
    expect(one).toBe(two);
  });

  test("goes with --events, which has the same decisions", async () => {
    const events = join(folder, "decisions.jsonl");
    const file = join(folder, "both.html");
    await runCommand(["simulate", "--trace", trace, "--events", events, "--report", file], { simulate });
    const records = readFileSync(events, "utf8").trimEnd().split("\n").length;
    expect(records).toBeGreaterThan(2);
    expect(readFileSync(file, "utf8")).toContain(' id="decisions-1">');
  });

  test.each([
    ["in a folder that there is not", join(folder, "none", "report.html"), "ENOENT"],
    ["that is a folder", folder, "EISDIR"],
  ])("a file %s is refused before anything is simulated", async (_, file, why) => {
    const { status, stdout, stderr, request } = await runCommand(["simulate", "--report", file]);
    expect({ status, stdout, request }).toEqual({ status: 2, stdout: "", request: null });
    expect(stderr).toMatch(/^error: The report .* cannot be written: /);
    expect(stderr).toContain(why);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("a disk that is full when the page is written is told as such", async ({ skip }) => {
    if (process.platform !== "linux") skip("/dev/full is Linux'");
    const { status, stderr } = await runCommand(["simulate", "--trace", trace, "--report", "/dev/full"], {
      simulate,
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: The report \/dev\/full cannot be written: .*ENOSPC/);
  });
});

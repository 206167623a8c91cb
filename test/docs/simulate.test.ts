import { readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Effect } from "@gpu-autoscaler/core";
import { simulate } from "@gpu-autoscaler/sandbox";
import { expect, test } from "vitest";
import { runCommand } from "../cli/run-command.ts";
import { fileText, section, tableRows } from "./pages.ts";

const page = fileText("docs/simulate.md");
const firstCells = (heading: string) => tableRows(section(page, heading)).map(([cell = ""]) => cell);

/** A pod that runs, and one that no node can take. */
const TRACE = "name,submit_s,duration_s,gpus\nruns,0,600,1\ntoo-big,0,600,9\n";

async function aTrace(text: string): Promise<{ folder: string; file: string }> {
  const folder = await mkdtemp(join(tmpdir(), "docs-"));
  const file = join(folder, "pods.csv");
  await writeFile(file, text);
  return { folder, file };
}

/** The paths of everything in a JSON value: "policies[].waitSeconds.mean". */
function pathsIn(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((each) => pathsIn(each, `${path}[]`))];
  if (typeof value !== "object" || value === null) return [path];
  const own = path === "" || path.endsWith("[]") ? [] : [path];
  const inside = Object.entries(value).flatMap(([key, each]) => pathsIn(each, path ? `${path}.${key}` : key));
  return [...own, ...inside];
}

test("docs/simulate.md has every option that --help has", async () => {
  const { stdout } = await runCommand(["simulate", "--help"]);
  const options = [...stdout.matchAll(/^ {2}(?:-h, )?(--[a-z]+(?: <[a-z.]+>)?)/gm)].map(
    ([, option]) => option,
  );
  expect(firstCells("Options")).toEqual(options);
});

test("it has every field of the JSON, and no other", async () => {
  const { file } = await aTrace(TRACE);
  const played = await runCommand(["simulate", "--trace", file, "--json"], { simulate });
  const unfinished = { name: "waits", reasons: [{ code: "NoCapacityLeft", detail: "" }] } as const;
  const withUnfinished = await runCommand(["simulate", "--json"], {
    simulate: async (request) => {
      const { lowerBoundNanoDollars, runs } = await simulate({ ...request, rows: request.rows.slice(0, 1) });
      return { lowerBoundNanoDollars, runs: runs.map((run) => ({ ...run, unfinished: [unfinished] })) };
    },
  });
  const paths = [played, withUnfinished].flatMap(({ stdout }) => pathsIn(JSON.parse(stdout)));
  const documented = firstCells("JSON");
  const known = new Set(paths.filter((path) => !path.endsWith("reasons[]") && path !== "policies[]"));
  expect([...documented].sort()).toEqual([...known].sort());
});

interface LoggedRecord {
  readonly effects: readonly Effect[];
  readonly demand: readonly object[];
  readonly outcomes: readonly object[];
}

test("it has every field of the decision log, and every kind of effect", async () => {
  const { folder, file } = await aTrace(TRACE);
  const events = join(folder, "decisions.jsonl");
  await runCommand(["simulate", "--trace", file, "--events", events], { simulate });
  const lines = readFileSync(events, "utf8").trim().split("\n");
  const records = lines.map((line): LoggedRecord => JSON.parse(line));
  const keysOf = (values: readonly object[]) => [...new Set(values.flatMap(Object.keys))].sort();

  expect(firstCells("A record").sort()).toEqual(keysOf(records));
  expect(firstCells("Demand").sort()).toEqual(keysOf(records.flatMap(({ demand }) => demand)));
  const ofOutcomes = section(page, "An outcome");
  for (const key of keysOf(records.flatMap(({ outcomes }) => outcomes))) expect(ofOutcomes).toContain(key);

  const kinds: Record<Effect["kind"], true> = {
    LaunchInstances: true,
    SetDesiredCapacity: true,
    CordonNode: true,
    UncordonNode: true,
    EvictPod: true,
    TerminateInstances: true,
  };
  const furtherFields = new Map(
    tableRows(section(page, "An effect")).map(([kind, fields]) => [kind, fields]),
  );
  expect([...furtherFields.keys()]).toEqual(Object.keys(kinds));
  for (const effect of records.flatMap(({ effects }) => effects)) {
    for (const key of Object.keys(effect)) {
      if (!["kind", "key", "pool", "reason"].includes(key))
        expect(furtherFields.get(effect.kind)).toContain(key);
    }
  }
});

test("the message that it shows is the one that such a trace gets", async () => {
  const rows = [
    "train-a,0,3600,8,training",
    "train-b,-5,3600,8,training",
    "answer,60,2h,1,serving",
    "train-a,90,60,1,online",
  ];
  const { file } = await aTrace(["name,submit_s,duration_s,gpus,class", ...rows, ""].join("\n"));
  const { stderr } = await runCommand(["simulate", "--trace", file]);
  expect(page).toContain(stderr.replace(file, "pods.csv").trim());
});

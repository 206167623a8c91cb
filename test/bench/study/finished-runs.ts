import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { cacheFolder } from "../../environment.ts";
import type { RunFigures } from "./runs.ts";

/** Runs that were played with this very program: hours of them are not played anew after a break. */
export interface FinishedRuns {
  get(key: string): RunFigures | undefined;
  add(key: string, figures: RunFigures): void;
}

const Line = z.object({
  key: z.string(),
  figures: z.object({
    dollars: z.number(),
    boundDollars: z.number(),
    costOverBound: z.number(),
    meanWaitSeconds: z.number(),
    p95WaitSeconds: z.number(),
    gpuHoursPaid: z.number(),
    gpuHoursUsed: z.number(),
    spotShare: z.number(),
    launches: z.number(),
    interruptions: z.number(),
    evictions: z.number(),
    unfinished: z.number(),
    infeasible: z.number(),
  }),
});

/** A file for each state of the sources and traces, below the cache folder. */
export function openFinishedRuns(tracePaths: readonly string[]): FinishedRuns {
  const file = join(cacheFolder, "studies", `${digest([...sourceFiles(), ...tracePaths])}.jsonl`);
  const known = new Map<string, RunFigures>();
  if (existsSync(file)) {
    for (const line of readFileSync(file, "utf8").split("\n")) {
      const { success, data } = Line.safeParse(lineOf(line));
      // A line that was cut off when the program was stopped is a run that was not finished.
      if (success) known.set(data.key, data.figures);
    }
  }
  mkdirSync(dirname(file), { recursive: true });
  return {
    get: (key) => known.get(key),
    add(key, figures) {
      known.set(key, figures);
      appendFileSync(file, `${JSON.stringify({ key, figures })}\n`);
    },
  };
}

function lineOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** What a run depends on: the decision, the world, and how studies play them. */
function sourceFiles(): string[] {
  return [
    "packages/core/src",
    "packages/sandbox/src",
    "test/bench/study/runs.ts",
    "test/bench/study/settings.ts",
  ]
    .map((path) => join(ROOT, path))
    .flatMap((path) =>
      path.endsWith(".ts")
        ? [path]
        : readdirSync(path, { recursive: true, encoding: "utf8" })
            .filter((name) => name.endsWith(".ts"))
            .toSorted()
            .map((name) => join(path, name)),
    );
}

function digest(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  return hash.digest("hex").slice(0, 16);
}

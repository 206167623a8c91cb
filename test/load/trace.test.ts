import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { AutoscalerError } from "@gpu-autoscaler/core";
import { type PodRow, parseTrace, readTrace } from "@gpu-autoscaler/sandbox";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dataFolder, NO_DATA } from "../environment.ts";
import { BROKEN_TRACES } from "./broken-traces.ts";
import { traceOf } from "./trace-of.ts";

const MIB = 1024 ** 2;

/** The lines of the message with which the trace is refused, without the first. */
function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (!(error instanceof AutoscalerError)) throw error;
    expect(error.code).toBe("invalid-trace");
    return error.message.split("\n").slice(1);
  }
  return [];
}

describe("a broken trace is refused with all its problems, each with place and reason", () => {
  test.each(Object.entries(BROKEN_TRACES))("%s", (_, { bytes, file = "pods.csv", want }) => {
    const problems = problemsOf(() => parseTrace(bytes, file));
    expect(problems).toHaveLength(want.length);
    for (const [at, words] of want.entries()) expect(problems[at]).toContain(words);
  });

  test("of very many problems the first twenty are shown and the others counted", () => {
    const rows = Array.from({ length: 50 }, (_, at) => `pod-${at},0,60,none`);
    const problems = problemsOf(() =>
      parseTrace(Buffer.from(["name,submit_s,duration_s,gpus", ...rows].join("\n")), "x"),
    );
    expect(problems).toHaveLength(21);
    expect(problems[19]).toContain("line 21, column gpus");
    expect(problems[20]).toBe("  and 30 more");
  });
});

describe("a file that cannot be read is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "traces-"));

  test.each([
    ["no such file", join(folder, "none.csv"), "there is no such file"],
    ["a directory", folder, "is a directory"],
    ["a file where a directory belongs", join(folder, "file", "pods.csv"), "there is no such file"],
  ])("%s", async (_, file, reason) => {
    writeFileSync(join(folder, "file"), "");
    await expect(readTrace(file)).rejects.toMatchObject({ code: "invalid-trace" });
    await expect(readTrace(file)).rejects.toThrow(`The trace ${file} has 1 problem:\n  ${reason}`);
  });
});

describe("a good trace is read", () => {
  const read = (...lines: string[]) => parseTrace(Buffer.from(lines.join("\n")), "pods.csv");

  test("with every column", () => {
    const header =
      "name,submit_s,duration_s,gpus,gpu_milli,gpu_model,cpu_milli,memory_mib,priority,class,namespace,gang";
    expect(read(header, "a,90.5,3600,2,500,A100|h100,4000,1024,high,serving,vision,g")).toEqual([
      {
        name: "a",
        submitMs: 90_500,
        durationMs: 3_600_000,
        gpus: 2,
        gpuMilli: 500,
        gpuModels: ["a100", "h100"],
        cpuMilli: 4_000,
        memoryBytes: 1_024 * MIB,
        priority: "high",
        class: "serving",
        namespace: "vision",
        gang: "g",
      },
    ]);
  });

  test("with the columns that must be there, and defaults for the others", () => {
    expect(read("name,submit_s,duration_s,gpus", "a,0,60,4")).toEqual([
      {
        name: "a",
        submitMs: 0,
        durationMs: 60_000,
        gpus: 4,
        gpuMilli: 1_000,
        gpuModels: [],
        cpuMilli: 8_000,
        memoryBytes: 32 * 1_024 * MIB,
        priority: "normal",
        class: "training",
        namespace: "default",
        gang: null,
      },
    ]);
  });

  test("a share of a GPU has by default a share of the CPU and memory", () => {
    expect(read("name,submit_s,duration_s,gpus,gpu_milli", "a,0,60,1,250")).toMatchObject([
      { cpuMilli: 500, memoryBytes: 2 * 1_024 * MIB },
    ]);
  });

  test("columns in another order, unknown ones, quotes, spaces, empty lines and Windows line ends", () => {
    const bytes = Buffer.from(
      '\uFEFFGPUs, color ,name,duration_s,submit_s\r\n\r\n1,"red, or\nblue","a",60, 5\r\n2,,b,60.0,0\r\n',
    );
    expect(parseTrace(bytes, "pods.csv").map(({ name, gpus, submitMs }) => [name, gpus, submitMs])).toEqual([
      ["b", 2, 0],
      ["a", 1, 5_000],
    ]);
  });

  test("rows come by time of submission, those of one time as in the file", () => {
    const names = read("name,submit_s,duration_s,gpus", "c,7,1,1", "z,3,1,1", "b,3,1,1", "a,9,1,1").map(
      ({ name }) => name,
    );
    expect(names).toEqual(["z", "b", "c", "a"]);
  });

  test("gzip is known by its content, not by its name", () => {
    const plain = Buffer.from("name,submit_s,duration_s,gpus\na,0,60,1");
    expect(parseTrace(gzipSync(plain), "pods.csv")).toEqual(parseTrace(plain, "pods.csv.gz"));
  });
});

const name = fc.stringMatching(/^[a-z0-9"',._-]{1,20}$/);
const podRow: fc.Arbitrary<PodRow> = fc.record({
  name,
  submitMs: fc.nat(315_360_000_000),
  durationMs: fc.integer({ min: 1, max: 315_360_000_000 }),
  gpus: fc.integer({ min: 1, max: 1_024 }),
  gpuMilli: fc.integer({ min: 1, max: 1_000 }),
  gpuModels: fc.array(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}$/), { maxLength: 3 }),
  cpuMilli: fc.nat(10_000_000),
  memoryBytes: fc.nat(1_073_741_824).map((mib) => mib * MIB),
  priority: fc.constantFrom("high", "normal", "low"),
  class: fc.constantFrom("training", "batch", "serving"),
  namespace: name,
  gang: fc.constant(null),
});

test("every row that is written is read as it was", () => {
  const rows = fc.uniqueArray(podRow, { selector: (row) => row.name, minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(rows, fc.boolean(), (written, packed) => {
      const bytes = Buffer.from(traceOf(written));
      const read = parseTrace(packed ? gzipSync(bytes) : bytes, "pods.csv");
      expect(read).toEqual([...written].sort((a, b) => a.submitMs - b.submitMs));
    }),
  );
});

test("whatever is in a file, it is read or refused, and nothing else is thrown", () => {
  const cell = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.constantFrom("1", "-1", '"', "a\n", "60", "", ",,", "normal"),
  );
  const table = fc.array(
    fc.array(cell, { maxLength: 13 }).map((cells) => cells.join(",")),
    { maxLength: 6 },
  );
  const withHeader = table.map((lines) =>
    Buffer.from(["name,submit_s,duration_s,gpus,gang", ...lines].join("\n")),
  );
  fc.assert(
    fc.property(fc.oneof(withHeader, fc.uint8Array(), fc.string().map(Buffer.from)), (bytes) => {
      problemsOf(() => parseTrace(bytes, "pods.csv"));
    }),
  );
});

describe("real traces", () => {
  test("each is read, and has what its origin says", async ({ skip }) => {
    if (dataFolder === undefined) return skip(NO_DATA);
    const counts: Record<string, number> = {};
    for (const file of readdirSync(join(dataFolder, "traces"))) {
      counts[file] = (await readTrace(join(dataFolder, "traces", file))).length;
    }
    expect(counts).toEqual({
      "openb-default.csv.gz": 6_967,
      "philly-11cb48-month.csv.gz": 5_923,
      "philly-6214e9-day.csv.gz": 2_066,
      "philly-6214e9-week.csv.gz": 10_213,
      "philly-6c71a0-0e4a51-week.csv.gz": 3_513,
    });
  });
});

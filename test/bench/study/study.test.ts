import { MINUTE_MS } from "@gpu-autoscaler/core";
import { comparisonPolicy, type PodRow } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { fileText } from "../../docs/pages.ts";
import { frontier } from "./frontier.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import { keyOf, playRun, type RunFigures, type RunSpec, SHIPPED } from "./runs.ts";
import { changed } from "./settings.ts";
import { STUDIES } from "./studies.ts";
import { type FiguresOf, moreThan } from "./study.ts";
import { tableMarkdown, withBlock } from "./tables.ts";

const QUESTION = { traces: ["openb-default", "philly-a", "philly-b"], seeds: [1, 2] };

const someFigures = (changes: Partial<RunFigures> = {}): RunFigures => ({
  dollars: 110,
  boundDollars: 100,
  costOverBound: 1.1,
  meanWaitSeconds: 100,
  p95WaitSeconds: 200,
  gpuHoursPaid: 50,
  gpuHoursUsed: 40,
  spotShare: 0,
  launches: 9,
  interruptions: 0,
  evictions: 0,
  unfinished: 0,
  infeasible: 0,
  ...changes,
});

describe.each(STUDIES)("the study $name", (study) => {
  test("names every run that its tables tell, and its rows are as long as their head", () => {
    const named = new Set(study.specs(QUESTION).map(keyOf));
    const figuresOf: FiguresOf = (spec) => {
      expect(named).toContain(keyOf(spec));
      return someFigures();
    };
    for (const { columns, rows } of study.tables(QUESTION, figuresOf)) {
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row).toHaveLength(columns.length);
    }
  });

  test("has its place on the page", () => {
    expect(withBlock(fileText("docs/studies.md"), study.name, "here")).toContain(
      `<!-- ${study.name} -->\nhere\n`,
    );
  });
});

describe("settings", () => {
  test("of every study change the policy, or what it sees", () => {
    const specs = STUDIES.flatMap((study) => study.specs(QUESTION));
    const different = specs.filter(({ settings }) => Object.keys(settings).length > 0);
    expect(different.length).toBeGreaterThan(20);
    const idle = different.filter(({ spot, settings }) => {
      const shipped = comparisonPolicy(spot);
      const policy = changed(shipped, settings);
      return settings.unmeasured !== true && JSON.stringify(policy) === JSON.stringify(shipped);
    });
    // The grid names what ships a second time.
    expect(new Set(idle.map(({ settings }) => JSON.stringify(settings))).size).toBeLessThanOrEqual(1);
  });

  test("that say what ships are the same run", () => {
    const trace = "philly-a";
    const { closeAboveMilli } = comparisonPolicy("none").scaleDown;
    const said = { waitDollarsPerHour: 2, closeAboveMilli };
    expect(keyOf({ ...SHIPPED, trace, settings: said })).toBe(keyOf({ ...SHIPPED, trace }));
    expect(keyOf({ ...SHIPPED, trace, settings: { keepTimeMs: 1 } })).not.toBe(keyOf({ ...SHIPPED, trace }));
  });
});

describe("leave one out", () => {
  /** Ten minutes are dearer by 5 %, and a minute quicker; on the last trace by ten. */
  const figuresOf: FiguresOf = ({ trace, settings }) => {
    if (settings.closeAboveMilli !== null) return someFigures({ costOverBound: 2 });
    if (settings.keepTimeMs === 2 * MINUTE_MS) return someFigures({ meanWaitSeconds: 700 });
    const gain = trace === "philly-b" ? 600 : 60;
    const kept = settings.keepTimeMs === 10 * MINUTE_MS;
    return kept
      ? someFigures({ costOverBound: 1.15, meanWaitSeconds: 700 - gain })
      : someFigures({ costOverBound: 2 });
  };
  const chosenFor = (trace: string, worth: string) => {
    const table = leaveOneOut
      .tables(QUESTION, figuresOf)
      .find(({ caption }) => caption.includes(`as ${worth} %`));
    const [, chosen, , , own] = table?.rows.find(([name]) => name === trace) ?? [];
    return { chosen, own };
  };
  const short = "kept 2 min, closed above never";
  const long = "kept 10 min, closed above never";

  test("lets the others alone choose, and tells what would have been best", () => {
    expect(chosenFor("philly-b", "1")).toEqual({ chosen: short, own: `1.150 / 100 (${long})` });
  });

  test("hears the trace that likes long keeping when another is left out", () => {
    // By the mean of the two others a minute more is worth 5.5 %, which is more than it costs.
    expect(chosenFor("philly-a", "1")).toEqual({ chosen: long, own: `1.100 / 700 (${short})` });
  });

  test("follows what a minute is worth", () => {
    expect(chosenFor("philly-a", "0.5").chosen).toBe(short);
  });
});

describe("tables", () => {
  test("mark who is cheaper and quicker than we are", () => {
    const figuresOf: FiguresOf = ({ policy }) =>
      someFigures(policy === "karpenter" ? { costOverBound: 1.05, meanWaitSeconds: 90 } : {});
    const [table] = frontier.tables({ traces: ["philly-a"], seeds: [1] }, figuresOf);
    expect(table && tableMarkdown(table).split("\n").at(-1)).toBe(
      "| philly-a | 1.100 / 100 | **1.050 / 90** | 1.100 / 100 |",
    );
  });

  test("tell differences with their sign, and none where there is none", () => {
    const more = someFigures({ dollars: 122.4, costOverBound: 1.224, meanWaitSeconds: 96 });
    expect(moreThan(more, someFigures())).toBe("+0.124 (+$12) / −4");
    expect(moreThan(someFigures(), someFigures())).toBe("same");
  });

  test("are put between their marks, and nothing else on the page changes", () => {
    const page = "before\n<!-- a -->\nold\n<!-- /a -->\nafter\n<!-- b -->\n<!-- /b -->\n";
    expect(withBlock(page, "a", "new")).toBe(page.replace("old", "new"));
    expect(withBlock(withBlock(page, "b", "x"), "b", "y")).toBe(withBlock(page, "b", "y"));
    expect(() => withBlock(page, "c", "new")).toThrow(/no "<!-- c -->"/);
  });
});

describe("a run", () => {
  const trace = "philly-a";
  const rows = Array.from(
    { length: 8 },
    (_, i): PodRow => ({
      name: `pod-${i}`,
      submitMs: i * 15 * MINUTE_MS,
      durationMs: 4 * MINUTE_MS,
      gpus: 1,
      gpuMilli: 250,
      gpuModels: [],
      cpuMilli: 500,
      memoryBytes: 2 ** 30,
      priority: "normal",
      class: "training",
      namespace: "team",
      gang: null,
    }),
  );
  const play = (changes: Partial<RunSpec> = {}) => playRun({ ...SHIPPED, trace, ...changes }, rows);

  test("with other settings is another, against the same bound", async () => {
    const [shipped, kept] = [await play(), await play({ settings: { keepTimeMs: 30 * MINUTE_MS } })];
    expect(kept.boundDollars).toBe(shipped.boundDollars);
    expect(kept.launches).toBeLessThan(shipped.launches);
    expect(kept.meanWaitSeconds).toBeLessThan(shipped.meanWaitSeconds);
  });

  test("serves shares of a GPU by fewer GPU-hours where GPUs are cut", async () => {
    const together = rows.map((row) => ({ ...row, submitMs: 0, durationMs: 60 * MINUTE_MS }));
    const whole = await playRun({ ...SHIPPED, trace }, together);
    const cut = await playRun({ ...SHIPPED, trace, shared: { replicas: 4, instanceType: null } }, together);
    expect(cut.gpuHoursPaid).toBeLessThan(whole.gpuHoursPaid / 2);
    expect([cut.unfinished, cut.infeasible]).toEqual([0, 0]);
  });

  test("of a peer is one too", async () => {
    expect((await play({ policy: "karpenter" })).costOverBound).toBeGreaterThan(1);
  });
});

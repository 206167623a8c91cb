import { Script } from "node:vm";
import { simulate } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { escapeHtml, scriptSafeJson } from "../../packages/cli/src/report/embed.ts";
import { reportPage } from "../../packages/cli/src/report/page.ts";
import { pageScript } from "../../packages/cli/src/report/page-script.ts";
import { createReport } from "../../packages/cli/src/report/report.ts";
import { aRow } from "../load/a-row.ts";
import { aRequest } from "./a-run.ts";

const BREAKING_OUT = [
  "</script><script>alert(1)</script>",
  "<!--<script>",
  "]]>",
  "\u2028\u2029",
  "{{title}} $& $1",
  "<!-- scripts -->",
];

/** Each script element of a page, as a browser's parser would end it. */
function scriptsOf(html: string): { id: string | null; text: string }[] {
  return [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script/gi)].map(
    ([, attributes = "", text = ""]) => ({
      id: /id="([^"]*)"/.exec(attributes)?.[1] ?? null,
      text,
    }),
  );
}

async function aPage(names: readonly string[], mostBytes?: number): Promise<string> {
  const report = createReport(mostBytes);
  const rows = names.map((name) => aRow({ name, namespace: name }));
  const result = await simulate({
    ...aRequest([...rows, aRow({ name: `${names[0]}-too-big`, gpus: 9 })], "none"),
    onDecision: report.onDecision,
    onRun: report.onRun,
  });
  return report.page(result, names.join(" "));
}

describe("data in the page", () => {
  test.each(BREAKING_OUT)("cannot break out: %s", (text) => {
    const embedded = scriptSafeJson({ text, [text]: [text] });
    expect(embedded).not.toMatch(/<|\u2028|\u2029/);
    expect(JSON.parse(embedded)).toEqual({ text, [text]: [text] });
  });

  test("is the same with pods, namespaces and files of such names", async () => {
    const plain = scriptsOf(await aPage(["plain"]));
    const hostile = scriptsOf(await aPage(BREAKING_OUT));
    expect(hostile.map(({ id }) => id)).toEqual(plain.map(({ id }) => id));
    const code = ({ id }: { id: string | null }) => id === null;
    expect(hostile.filter(code)).toEqual(plain.filter(code));
    const data = JSON.parse(hostile.find(({ id }) => id === "data")?.text ?? "");
    expect(data.scenario).toBe(BREAKING_OUT.join(" "));
    expect(
      data.runs[0].costs.namespaces.map(({ namespace }: { namespace: string }) => namespace).sort(),
    ).toEqual([...BREAKING_OUT].sort());
    expect(data.runs[0].unserved[0].name).toBe(`${BREAKING_OUT[0]}-too-big`);
  });

  test("goes into the title as text", () => {
    expect(escapeHtml(`</title><b a="1">&`)).toBe("&lt;/title&gt;&lt;b a=&quot;1&quot;&gt;&amp;");
  });
});

describe("the page", () => {
  test("names no other file and no host that it would load", async () => {
    const html = await aPage(["plain"]);
    const markup = html.replaceAll(
      /<script\b[^>]*>[\s\S]*?<\/script>|<style>[\s\S]*?<\/style>|<!--[\s\S]*?-->/g,
      "",
    );
    expect(markup).not.toMatch(/\bsrc=|https?:|@import|url\(/);
    expect(markup.match(/href="[^"]*"/g)).toEqual(['href="data:,"', 'href="#decisions"']);
    expect(html).toContain("default-src 'none'");
  });

  test("bears uPlot's licence, as that asks for", async () => {
    expect(await aPage(["plain"])).toMatch(
      /Copyright \(c\) \d+ Leon Sorokin[\s\S]*Permission is hereby granted/,
    );
  });

  test("stays within its bytes, and says what it left out", async () => {
    const names = Array.from({ length: 60 }, (_, at) => `pod-${at}-${Math.sin(at)}`);
    const roomy = await aPage(names);
    const decisions = scriptsOf(roomy).find(({ id }) => id === "decisions-0")?.text.length ?? 0;
    const most = Buffer.byteLength(roomy) - decisions / 2;
    const tight = await aPage(names, most);
    expect(Buffer.byteLength(tight)).toBeLessThanOrEqual(most);
    const data = JSON.parse(scriptsOf(tight).find(({ id }) => id === "data")?.text ?? "");
    expect(Object.keys(data.runs[0].decisions.leftOut)).not.toEqual([]);
  });

  test("of nothing at all can be written", () => {
    const data = {
      scenario: "",
      boundUsd: null,
      edgesSeconds: [0, 1],
      lastSubmitSeconds: 0,
      waitPointsSeconds: [1],
      pools: [],
      reasons: {},
      runs: [],
    };
    expect(reportPage(data, [])).toContain("<title>GPU autoscaling simulation</title>");
  });

  test("has a script that compiles: no two of its modules give one name to two things", () => {
    const script = pageScript();
    expect(() => new Script(script)).not.toThrow();
    expect(script).not.toMatch(/^\s*(import|export)\b/m);
    expect(script).not.toMatch(/<\/script|<!--/i);
  });
});

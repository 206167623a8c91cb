import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileText, ROOT } from "./pages.ts";

const PAGES = ["README.md", ...readdirSync(`${ROOT}docs`).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);

/** As GitHub names the anchor of a heading. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

function brokenLinks(path: string): string[] {
  return [...fileText(path).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
    if (/^https?:/.test(link)) return [];
    const [target = "", anchor] = link.split("#");
    const file = target === "" ? path : join(dirname(path), target);
    if (!existsSync(ROOT + file)) return [link];
    return anchor === undefined || anchorsOf(fileText(file)).includes(anchor) ? [] : [link];
  });
}

/** Files and folders of the repository that are named in backticks. */
function missingPaths(path: string): string[] {
  const named = [...fileText(path).matchAll(/`((?:packages|test|docs|tools)\/[\w./-]+)`/g)];
  return named.map(([, name = ""]) => name).filter((name) => !existsSync(ROOT + name));
}

describe("links and files that the pages name are there", () => {
  test.each(PAGES)("%s", (path) => {
    expect([...brokenLinks(path), ...missingPaths(path)]).toEqual([]);
  });
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at the end. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The text of a file, by its path in the repository. */
export function fileText(path: string): string {
  return readFileSync(`${ROOT}${path}`, "utf8");
}

/** What stands between `<!-- name -->` and `<!-- /name -->`, without a code fence around it. */
export function blockOf(page: string, name: string): string {
  const [, block] = new RegExp(`<!-- ${name} -->\n([\\s\\S]*?)\n<!-- /${name} -->`).exec(page) ?? [];
  if (block === undefined) throw new RangeError(`the page has no block "${name}"`);
  return block.replace(/^```\w*\n|\n```$/g, "");
}

/** The rows of the tables in a part of a page, without their headers: the text of each cell, backticks left out. */
export function tableRows(part: string): string[][] {
  const rows: string[][] = [];
  let header = true;
  for (const line of part.split("\n")) {
    if (!line.startsWith("|")) header = true;
    else if (/^\|[\s|:-]+\|$/.test(line)) header = false;
    else if (!header) rows.push(cellsOf(line));
  }
  return rows;
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf("|"))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll("`", "").replaceAll("\\|", "|").trim());
}

/** The part of a page below a heading, up to the next of the same or a higher level. */
export function section(page: string, heading: string): string {
  const lines = page.split("\n");
  const from = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (from < 0) throw new RangeError(`the page has no heading "${heading}"`);
  const level = (/^#+/.exec(lines[from] ?? "") ?? [""])[0].length;
  const rest = lines.slice(from + 1);
  const end = rest.findIndex(
    (line) => (/^(#+) /.exec(line)?.[1]?.length ?? Number.POSITIVE_INFINITY) <= level,
  );
  return rest.slice(0, end < 0 ? rest.length : end).join("\n");
}

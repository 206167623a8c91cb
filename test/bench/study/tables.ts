import Table from "cli-table3";
import type { StudyTable } from "./study.ts";

/** For a terminal. */
export function tableText({ caption, columns, rows }: StudyTable): string {
  const table = new Table({
    head: columns.map(({ name }) => name),
    style: { head: [], border: [] },
    colAligns: columns.map(({ align }) => align),
  });
  for (const row of rows) table.push(row.map((cell) => cell.replaceAll("**", "")));
  return `${caption.replaceAll("`", "")}\n${table.toString()}`;
}

/** For a page. */
export function tableMarkdown({ caption, columns, rows }: StudyTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    caption,
    "",
    line(columns.map(({ name }) => name)),
    `|${columns.map(({ align }) => (align === "right" ? "---:" : "---")).join("|")}|`,
    ...rows.map(line),
  ].join("\n");
}

/**
 * The page with a block put between its marks `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws RangeError where the page has no such marks
 */
export function withBlock(page: string, name: string, block: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new RangeError(`the page has no "${open}" … "${close}"`);
  return `${page.slice(0, from + open.length)}\n${block}\n${page.slice(to)}`;
}

import { CsvError, type Info, parse } from "csv-parse/sync";
import type { PodRow } from "./pod-row.ts";
import { invalidTrace, type TraceProblem } from "./trace-problem.ts";
import { REQUIRED_COLUMNS, readTraceRow } from "./trace-row.ts";
import { traceText } from "./trace-text.ts";

/** A line of the CSV, with where it ends in the file. */
interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

interface LocatedRow {
  readonly line: number;
  readonly row: PodRow;
}

/**
 * Reads a pod trace: CSV, or the same packed by gzip, with a header of the columns `name`,
 * `submit_s`, `duration_s`, `gpus` and, as far as they are there, `gpu_milli`, `gpu_model`,
 * `cpu_milli`, `memory_mib`, `priority`, `class`, `namespace`, `gang`.
 *
 * @param file as it is named in messages
 * @returns the rows by time of submission, those of one time as in the file
 * @throws AutoscalerError "invalid-trace" with every unreadable row by line, column and reason
 */
export function parseTrace(bytes: Uint8Array, file: string): PodRow[] {
  const problems: TraceProblem[] = [];
  const lines = readLines(traceText(bytes, file), problems);
  const [header, ...body] = lines;
  if (!header) {
    if (problems.length === 0) problems.push({ line: null, column: null, message: "is empty" });
    throw invalidTrace(file, problems);
  }
  const columns = readHeader(header, problems);
  if (problems.some(({ line }) => line === header.line)) throw invalidTrace(file, problems);
  if (body.length === 0 && problems.length === 0) {
    problems.push({ line: null, column: null, message: "has a header, but no rows" });
  }

  const rows = body.flatMap((line) => readRow(line, columns, problems) ?? []);
  checkNames(rows, problems);
  checkGangs(rows, problems);
  if (problems.length > 0) throw invalidTrace(file, problems);
  return rows.map(({ row }) => row).sort((a, b) => a.submitMs - b.submitMs);
}

/** The lines up to the first that is no CSV, which is reported: what comes after it can't be told apart. */
function readLines(text: string, problems: TraceProblem[]): Line[] {
  const lines: Line[] = [];
  const onRecord = (cells: readonly string[], { lines: line }: Info) => {
    lines.push({ line, cells });
    return null;
  };
  try {
    parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      on_record: onRecord,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const unclosed = error.code === "CSV_QUOTE_NOT_CLOSED";
    const line = unclosed ? (lines.at(-1)?.line ?? 0) + 1 : Number(error.lines);
    const message = unclosed ? "a quote is opened and never closed" : "quotes are not where CSV has them";
    problems.push({ line, column: null, message });
  }
  return lines;
}

function readHeader({ line, cells }: Line, problems: TraceProblem[]): string[] {
  const columns = cells.map((cell) => cell.toLowerCase());
  for (const column of REQUIRED_COLUMNS) {
    if (columns.includes(column)) continue;
    const has = columns.join(", ").slice(0, 100);
    problems.push({ line, column, message: `is missing in the header, which is: ${has}` });
  }
  for (const [at, column] of columns.entries()) {
    if (column !== "" && columns.indexOf(column) < at)
      problems.push({ line, column, message: "is in the header twice" });
  }
  return columns;
}

function readRow(
  { line, cells }: Line,
  columns: readonly string[],
  problems: TraceProblem[],
): LocatedRow | null {
  if (cells.length !== columns.length) {
    const message = `has ${cells.length} columns, the header has ${columns.length}`;
    problems.push({ line, column: null, message });
    return null;
  }
  const byColumn = new Map(columns.map((column, at) => [column, cells[at] ?? ""]));
  const row = readTraceRow(byColumn, (column, message) => problems.push({ line, column, message }));
  return row && { line, row };
}

function checkNames(rows: readonly LocatedRow[], problems: TraceProblem[]): void {
  const firsts = new Map<string, number>();
  for (const { line, row } of rows) {
    const first = firsts.get(row.name);
    if (first === undefined) firsts.set(row.name, line);
    else
      problems.push({ line, column: "name", message: `"${row.name}" is the pod of line ${first} already` });
  }
}

/** What the pods of a gang share. */
const ALIKE_IN_GANG = ["namespace", "priority", "class"] as const;

function checkGangs(rows: readonly LocatedRow[], problems: TraceProblem[]): void {
  const firsts = new Map<string, LocatedRow>();
  for (const located of rows) {
    const { line, row } = located;
    if (row.gang === null) continue;
    const first = firsts.get(row.gang);
    if (!first) firsts.set(row.gang, located);
    else {
      for (const column of ALIKE_IN_GANG) {
        if (row[column] === first.row[column]) continue;
        const message = `"${row[column]}" differs from "${first.row[column]}" on line ${first.line}, of the same gang "${row.gang}"`;
        problems.push({ line, column, message });
      }
    }
  }
}

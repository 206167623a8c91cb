import type { RunFigures, RunSpec } from "./runs.ts";

/** A question put to the traces: which runs answer it, and how the answer is told. */
export interface Study {
  readonly name: string;
  /** Every run that the tables need; one may be named twice. */
  specs(question: Question): readonly RunSpec[];
  tables(question: Question, figuresOf: FiguresOf): readonly StudyTable[];
}

/** What is to be played. */
export interface Question {
  readonly traces: readonly string[];
  /** Where luck matters; elsewhere every run is of one seed. */
  readonly seeds: readonly number[];
}

export type FiguresOf = (spec: RunSpec) => RunFigures;

export interface StudyTable {
  /** A sentence above it, or nothing. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

export interface Column {
  readonly name: string;
  readonly align: "left" | "right";
}

/** Words first, then figures. */
export function columns(words: readonly string[], figures: readonly string[]): Column[] {
  return [
    ...words.map((name) => ({ name, align: "left" as const })),
    ...figures.map((name) => ({ name, align: "right" as const })),
  ];
}

/** "1.180 / 147": cost over the bound, and mean wait in seconds. */
export function costAndWait({ costOverBound, meanWaitSeconds }: RunFigures): string {
  return `${costOverBound.toFixed(3)} / ${meanWaitSeconds.toFixed(0)}`;
}

/** "+0.013 (+$12) / −4": what the run has more than the other. */
export function moreThan(run: RunFigures, other: RunFigures): string {
  const cost = signed(run.costOverBound - other.costOverBound, "", 3);
  const dollars = signed(run.dollars - other.dollars, "$", 0);
  const wait = signed(run.meanWaitSeconds - other.meanWaitSeconds, "", 0);
  const isSame = run.dollars === other.dollars && run.meanWaitSeconds === other.meanWaitSeconds;
  return isSame ? "same" : `${cost} (${dollars}) / ${wait}`;
}

function signed(value: number, unit: string, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  const sign = Number(text) === 0 ? "" : value > 0 ? "+" : "−";
  return `${sign}${unit}${text}`;
}

/** Whether the run is both cheaper and quicker, in the figures that are shown. */
export function dominates(run: RunFigures, other: RunFigures): boolean {
  return run.costOverBound < other.costOverBound && run.meanWaitSeconds < other.meanWaitSeconds;
}

import { AutoscalerError } from "@gpu-autoscaler/core";

/** One thing that is wrong with a trace. */
export interface TraceProblem {
  /** From 1, the header's; null where it is about the whole file. */
  readonly line: number | null;
  readonly column: string | null;
  readonly message: string;
}

/** More than these are counted, not shown. */
const SHOWN_PROBLEMS = 20;

/**
 * The error "invalid-trace" with all problems in the order of the file: the first of them in the
 * message and as `data.problems`, their number as `data.count`, the file as `data.file`.
 */
export function invalidTrace(
  file: string,
  problems: readonly TraceProblem[],
  cause?: unknown,
): AutoscalerError {
  const inOrder = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const first = inOrder.slice(0, SHOWN_PROBLEMS);
  const lines = first.map((problem) => `  ${place(problem)}${problem.message}`);
  if (inOrder.length > first.length) lines.push(`  and ${inOrder.length - first.length} more`);
  const count = inOrder.length === 1 ? "1 problem" : `${inOrder.length} problems`;
  return new AutoscalerError("invalid-trace", `The trace ${file} has ${count}:\n${lines.join("\n")}`, {
    data: { file, problems: first, count: inOrder.length },
    cause,
  });
}

function place({ line, column }: TraceProblem): string {
  const places = [line === null ? "" : `line ${line}`, column === null ? "" : `column ${column}`].filter(
    Boolean,
  );
  return places.length > 0 ? `${places.join(", ")}: ` : "";
}

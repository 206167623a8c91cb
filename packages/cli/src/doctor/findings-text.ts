import { counted, indent } from "@gpu-autoscaler/core";
import { STATUSES, type Status } from "./finding.ts";
import type { CheckedFinding } from "./run-checks.ts";

const WORDS: Readonly<Record<Status, string>> = {
  ok: "ok",
  warning: "WARNING",
  failure: "FAILURE",
  unchecked: "not checked",
};

/** Findings for people: a table by check, each with its mend below it, and how many there are of each kind. */
export function findingsText(cluster: string, region: string, findings: readonly CheckedFinding[]): string {
  const width = Math.max(...Object.values(WORDS).map((word) => word.length));
  const byCheck = Map.groupBy(findings, ({ check }) => check);
  const sections = [...byCheck].map(([check, found]) =>
    [check, ...indent(found.flatMap((finding) => lines(finding, width)))].join("\n"),
  );
  const counts = STATUSES.map((status) => findings.filter((each) => each.status === status).length);
  const [failures = 0, warnings = 0, notChecked = 0, fine = 0] = counts;
  const summary = `${counted(failures, "failure")}, ${counted(warnings, "warning")}, ${notChecked} not checked, ${fine} ok`;
  return `cluster ${cluster} in ${region}\n\n${sections.join("\n")}\n\n${summary}\n`;
}

function lines({ status, place, message, mend }: CheckedFinding, width: number): string[] {
  const first = `${WORDS[status].padEnd(width)}  ${place}: ${message}`;
  return mend === null ? [first] : [first, `${" ".repeat(width)}  → ${mend}`];
}

import { REASONS } from "@gpu-autoscaler/core";
import type { RunResult, UnservedPod } from "@gpu-autoscaler/sandbox";

/** So many pods of a kind are named, the others counted. */
const NAMED = 3;

/** The pods that were not served, by their reasons in words; policies with the same ones share an entry. Empty when all were. */
export function unservedPods(runs: readonly RunResult[]): string {
  const policiesByText = new Map<string, string[]>();
  for (const run of runs) {
    for (const text of [
      section("infeasible: no node could ever take them", run.infeasible),
      section("unfinished when the run ended", run.unfinished),
    ]) {
      if (text) policiesByText.set(text, [...(policiesByText.get(text) ?? []), run.name]);
    }
  }
  return [...policiesByText].map(([text, policies]) => `${policies.join(", ")}: ${text}`).join("\n");
}

function section(what: string, pods: readonly UnservedPod[]): string {
  if (pods.length === 0) return "";
  const kinds = [...Map.groupBy(pods, codesOf).values()].map((alike) => `  ${names(alike)}\n${why(alike)}`);
  return `${counted(pods.length, "pod")} ${what}\n${kinds.join("")}`;
}

function codesOf({ reasons }: UnservedPod): string {
  return [...new Set(reasons.map(({ code }) => code))].join(" ");
}

/** What the codes mean, each with the first of its particulars. */
function why(alike: readonly UnservedPod[]): string {
  const [first] = alike;
  const lines = [...Map.groupBy(first?.reasons ?? [], ({ code }) => code)].map(([code, reasons]) => {
    const [detail] = reasons.map((reason) => reason.detail).filter(Boolean);
    const others = reasons.length > 1 ? `; ${reasons.length - 1} more like it` : "";
    return `    ${code}: ${REASONS[code]}${detail ? ` (${detail}${others})` : ""}\n`;
  });
  return lines.join("") || "    no reason was given\n";
}

function names(pods: readonly UnservedPod[]): string {
  const named = pods.slice(0, NAMED).map(({ name }) => name);
  const others = pods.length - named.length;
  return `${named.join(", ")}${others > 0 ? ` and ${others.toLocaleString("en-US")} more` : ""}:`;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}

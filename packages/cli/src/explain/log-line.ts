import { readTickRecord, type TickRecord } from "@gpu-autoscaler/core";

/** A line of a decision log, or what is wrong with it. */
export type LogLine =
  | { readonly policy: string; readonly record: TickRecord; readonly problem: null }
  | { readonly problem: string };

export function readLogLine(line: string): LogLine {
  const value = parsed(line);
  if (value === undefined) return { problem: "is no JSON" };
  const policy = typeof value === "object" && value !== null && "policy" in value ? value.policy : undefined;
  if (typeof policy !== "string") return { problem: "is no decision: it has no policy" };
  const { record, problem } = readTickRecord(value);
  return record ? { policy, record, problem: null } : { problem };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

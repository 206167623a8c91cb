import { setTimeout as sleep } from "node:timers/promises";
import type { AwsFault } from "./answer.ts";

/** What befalls a call: AWS refuses it, or carries it out and the answer is lost, or is slow. */
export type Fault = Omit<AwsFault, "status"> & { readonly status?: number };

interface Planned {
  /** "autoscaling:LaunchInstances", or "*" for all. */
  readonly call: string;
  times: number;
  readonly what: Fault | "answer-lost" | { readonly delayMs: number };
}

/** Switches of the tests for what goes wrong, and the count of calls. */
export interface Faults {
  readonly calls: Map<string, number>;
  throttledUntil: number;
  readonly planned: Planned[];
}

export function createFaults(): Faults {
  return { calls: new Map(), throttledUntil: 0, planned: [] };
}

/** The codes by which services throttle. */
const THROTTLING: Readonly<Record<string, AwsFault>> = {
  autoscaling: { status: 400, code: "Throttling", message: "Rate exceeded" },
  ec2: { status: 503, code: "RequestLimitExceeded", message: "Request limit exceeded." },
  pricing: { status: 400, code: "ThrottlingException", message: "Rate exceeded" },
};

/** Counts a call and tells what befalls it. */
export async function befalls(
  faults: Faults,
  service: string,
  operation: string,
): Promise<AwsFault | "answer-lost" | null> {
  const call = `${service}:${operation}`;
  faults.calls.set(call, (faults.calls.get(call) ?? 0) + 1);
  if (Date.now() < faults.throttledUntil) return THROTTLING[service] ?? null;
  const planned = faults.planned.find((each) => each.times > 0 && (each.call === call || each.call === "*"));
  if (!planned) return null;
  planned.times -= 1;
  if (planned.what === "answer-lost") return "answer-lost";
  if ("delayMs" in planned.what) {
    await sleep(planned.what.delayMs);
    return null;
  }
  return { status: 400, ...planned.what };
}

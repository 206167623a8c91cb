import type { DemandDecision, ReasonCode, TickRecord } from "@gpu-autoscaler/core";
import { type News, reasonText } from "./news.ts";

/** Of equivalent pods, whose fate is the same: the oldest of them. */
const MOST_EQUIVALENT_PODS = 10;

/** Nobody need do anything about these. */
const HARMLESS: ReadonlySet<ReasonCode> = new Set([
  "FitsExistingNode",
  "FitsUpcomingNode",
  "Launching",
  "PendingForNotReached",
  "SchedulingGated",
]);

/** What is done for pods that have no node, or why nothing is. */
export function podNews({ demand }: TickRecord): News[] {
  return demand.flatMap(newsOf);
}

function newsOf({ pods, outcomes, rejected }: DemandDecision): News[] {
  // What keeps pods waiting comes first: what is done for others of them can wait to be read.
  const [first] = outcomes.toSorted((a, b) => Number(isHarmless(a)) - Number(isHarmless(b)));
  if (!first) return [];
  const fates = outcomes.map(({ count, reason }) =>
    outcomes.length === 1
      ? reasonText(reason)
      : `${count} of ${pods.length} such pods: ${reasonText(reason)}`,
  );
  const isWarning = !isHarmless(first);
  const others = pods.length - MOST_EQUIVALENT_PODS;
  const message = [
    ...fates,
    ...(isWarning ? rejections(rejected) : []),
    ...(others > 0 ? [`The same holds for ${others} more pods like this one.`] : []),
  ].join(" ");
  return pods.slice(0, MOST_EQUIVALENT_PODS).map((pod): News => {
    const slash = pod.indexOf("/");
    return {
      kind: "Pod",
      namespace: pod.slice(0, slash),
      name: pod.slice(slash + 1),
      isWarning,
      reason: first.reason.code,
      message,
    };
  });
}

function isHarmless({ reason }: DemandDecision["outcomes"][number]): boolean {
  return HARMLESS.has(reason.code);
}

/** Why each group was not taken; the longest list would not fit into an Event. */
function rejections(rejected: DemandDecision["rejected"]): string[] {
  return rejected.slice(0, 5).map(({ pool, group, zone, reasons }) => {
    const place = [group ?? pool, zone].filter((part) => part !== null).join(" in ");
    return `${place}: ${reasons.map(reasonText).join(", ")}`;
  });
}

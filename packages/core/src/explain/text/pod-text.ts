import type { PodDecided, PodEvent, PodExplanation } from "../explanation.ts";
import { launchMadeText, ratherText, refusalLines, ridesAlong, triedLines } from "./launch-lines.ts";
import { didText, type Told, timesText, withoutRepeats } from "./repeats.ts";
import {
  codeText,
  createReasonTeller,
  durationText,
  indent,
  outcomeText,
  type ReasonTeller,
  timeText,
} from "./words.ts";

export function podText(pod: PodExplanation): string[] {
  const asks = pod.asksFor ? [`asks for ${pod.asksFor}`] : [];
  const gang = pod.gang === null ? [] : [`of gang ${pod.gang}: its pods are placed together or not at all`];
  const last = pod.story.findLast((each) => each.event === "Decided");
  const tell = createReasonTeller();
  return [
    `pod ${pod.name}: ${standingText(pod)}`,
    ...asks,
    ...gang,
    "",
    ...withoutRepeats(pod.story, (each) => (each.event === "Evicted" ? each : null)).flatMap((each) =>
      eventLines(each, pod, each.event === last && pod.standing === "waiting", tell),
    ),
  ];
}

function standingText({ standing, node, story }: PodExplanation): string {
  const waited = waitOf(story);
  const after = waited === null ? "" : ` after ${durationText(waited)}`;
  switch (standing) {
    case "waiting": {
      const since = story.findLast(({ event }) => event === "Created");
      const last = story.findLast((each) => each.event === "Decided");
      const why = last ? `, ${codeText(last.reason)}` : "";
      return `pending${since ? ` since ${timeText(since.at)}` : ""}${why}`;
    }
    case "nominated":
      return `kube-scheduler makes room for it on ${node}`;
    case "bound":
      return `bound to ${node}${after}`;
    case "ended":
      return node === null ? "ended" : `ended on ${node}`;
    case "evicted":
      return `evicted from ${node}`;
    case "gone":
      return `no longer pending${after}: bound and ended, or deleted, between two decisions`;
    case "no-gpu":
      return "asks for no GPU: nothing is decided about it";
  }
}

/** From its last creation until it was bound or gone; null where nothing says. */
function waitOf(story: readonly PodEvent[]): number | null {
  const from = story.findLastIndex(({ event }) => event === "Created");
  const end = story.slice(from).find(({ event }) => event === "Bound" || event === "Gone");
  const created = story[from];
  return created && end ? end.at - created.at : null;
}

function eventLines(
  told: Told<PodEvent>,
  pod: PodExplanation,
  isLast: boolean,
  tell: ReasonTeller,
): string[] {
  const { event } = told;
  const at = timeText(event.at);
  switch (event.event) {
    case "Created":
      return [`${at}  created`];
    case "Decided":
      return decidedLines(event, isLast, tell);
    case "Bound":
      return [`${at}  bound to ${event.node}${originText(event.instance, pod)}`];
    case "On":
      return [`${at}  is on ${event.node}${originText(event.instance, pod)}`];
    case "Evicted": {
      const { effect, outcome } = event;
      const did = `${didText(event, "evicted from", "evict from")} ${effect.node}`;
      return [`${at}  ${did}: ${tell([effect.reason])}${outcomeText(outcome)}${timesText(told)}`];
    }
    case "Gone":
      return [`${at}  no longer pending`];
  }
}

function originText(instance: string | null, { story }: PodExplanation): string {
  if (instance === null) return "";
  const brought = story.some(
    (each) =>
      each.event === "Decided" &&
      each.launch?.outcome?.launch?.launched.some(({ id }) => id === instance) === true,
  );
  return ` (${instance}${brought ? ", launched for it" : ""})`;
}

/** Groups that were not taken are told in full for launches, and for what the pod waits for now. */
function decidedLines(decided: PodDecided, isLast: boolean, tell: ReasonTeller): string[] {
  const { at, reason, alike, outcomes, tried, launch, refusals } = decided;
  const kinds = outcomes.map((each) => `${each.count} ${each.reason.code}`).join(", ");
  const others = outcomes.length > 1 ? ` [of ${alike} equal pods: ${kinds}]` : "";
  const first = `${timeText(at)}  ${tell([reason])}${others}`;
  const lines = triedLines(tried);
  const rides = launch !== null && ridesAlong(launch.price, refusals, launch.others);
  if (launch) lines.push(`launched: ${launchMadeText(launch, refusals)}`);
  if (launch || isLast) {
    if (refusals.length > 0)
      lines.push(launch ? ratherText(launch.price, refusals, launch.others) : "no new node, because");
    lines.push(...indent(refusalLines(refusals, rides ? null : (launch?.price ?? null), tell)));
  } else if (refusals.length > 0) {
    const groups = refusals.map(({ codes, refused }) => `${codes.join(" ")} (${refused.length})`);
    lines.push(`not launched: ${groups.join(", ")}`);
  }
  return [first, ...indent(indent(lines))];
}

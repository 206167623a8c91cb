import type { Act, Holders, NodeEffect, NodeEvent, NodeExplanation, NodeLaunched } from "../explanation.ts";
import { launchText, servedText } from "./launch-lines.ts";
import { didText, type Told, timesText, withoutRepeats } from "./repeats.ts";
import {
  codeText,
  createReasonTeller,
  indent,
  listed,
  moneyText,
  outcomeText,
  type ReasonTeller,
  timeText,
} from "./words.ts";

export function nodeText(node: NodeExplanation): string[] {
  const { instance, instanceType, zone, group, pool } = node;
  const machine = [instance, instanceType, zone].filter((each) => each !== null && each !== node.name);
  const of = [group === null ? "" : `group ${group}`, pool === null ? "" : `pool ${pool}`].filter(Boolean);
  const what = [...machine, ...of].join(", ");
  const tell = createReasonTeller();
  return [
    `node ${node.name}: ${standingText(node)}`,
    ...(what ? [what] : []),
    "",
    ...withoutRepeats(boundTogether(node.story), (each) => (each.event === "Done" ? each : null)).flatMap(
      (each) => eventLines(each, tell),
    ),
  ];
}

function standingText({ standing, story }: NodeExplanation): string {
  const kept = story.findLast((each) => each.event === "Kept");
  const done = story.findLast((each) => each.event === "Done");
  const held = story.findLast((each) => each.event === "Held");
  switch (standing) {
    case "upcoming":
      return "launched, does not serve yet";
    case "held":
      return held
        ? `stays: ${holdersText(held)}`
        : "stays: GPU pods hold it, nothing was to be decided about it";
    case "kept":
      return `stays: ${kept ? kept.reasons.map(codeText).join("; ") : "nothing is decided"}`;
    case "leaving":
      return `is being drained${done ? `: ${codeText(done.effect.reason)}` : ""}`;
    case "ended":
      return `ended${done ? `: ${codeText(done.effect.reason)}` : ""}`;
    case "foreign":
      return `is none of ours${held ? `: ${holdersText(held)}` : ""}`;
    case "unknown":
      return "nothing says whose it is: the Auto Scaling groups could not be read";
  }
}

/** "2 GPU pods request 3 of 4 nvidia.com/gpu, measured 84 % busy". */
function holdersText({ pods, resources, measuredMilli }: Holders): string {
  const asked = resources.filter(({ requested }) => requested > 0);
  const requested = asked.map(
    ({ name, requested: count, allocatable }) => `${count} of ${allocatable} ${name}`,
  );
  const who = pods.length === 1 ? "1 GPU pod requests" : `${pods.length} GPU pods request`;
  return `${who} ${requested.join(", ")}, ${measuredText(measuredMilli)}`;
}

function measuredText(milli: number | null): string {
  return milli === null ? "how busy they are was not measured" : `measured ${milli / 10} % busy`;
}

function eventLines(told: Told<NodeEvent | BoundTogether>, tell: ReasonTeller): string[] {
  const { event } = told;
  const at = timeText(event.at);
  switch (event.event) {
    case "Launched":
      return launchedLines(event, tell);
    case "Noted":
      return [`${at}  ${NOTED[event.what]}`];
    case "BoundTogether":
      return [`${at}  ${listed(event.pods)} ${event.pods.length === 1 ? "is" : "are"} on it`];
    case "Bound":
      return [`${at}  ${event.pod} is on it`];
    case "Held":
      return [`${at}  held: ${holdersText(event)}`, ...indent(indent(holderLines(event)))];
    case "Kept": {
      const stays = event.until === null ? "stays" : `stayed until ${timeText(event.until)}`;
      return [`${at}  ${stays}: ${tell(event.reasons)}`];
    }
    case "Done":
      return [
        `${at}  ${doneText(event)}: ${tell([event.effect.reason])}${outcomeText(event.outcome)}${timesText(told)}`,
      ];
  }
}

const NOTED = {
  Empty: "without a GPU pod since then",
  Underused: "underused since then",
  Draining: "being drained since then",
  RestingUntil: "left alone until then: a drain of it was undone",
};

function launchedLines({ at, launch, for: served }: NodeLaunched, tell: ReasonTeller): string[] {
  if (!launch) return [`${timeText(at)}  launched`];
  const { effect } = launch;
  const price =
    effect.kind === "LaunchInstances" ? `, ${moneyText(effect.nanoDollarsPerHour)} an hour a node` : "";
  const whom = served.map((each) => `for ${servedText(each)}`);
  return [
    `${timeText(at)}  launched ${launchText(effect)}${price}: ${tell([effect.reason])}`,
    ...indent(indent([...whom, `launch ${effect.key}`])),
  ];
}

function holderLines({ pods }: Holders): string[] {
  return pods.map(({ pod, asksFor, measuredMilli }) => {
    const asks = Object.entries(asksFor).map(([name, count]) => `${count} ${name}`);
    return `${pod}: ${asks.join(", ")}, ${measuredMilli === null ? "not measured" : `${measuredMilli / 10} % busy`}`;
  });
}

function doneText(act: Act<NodeEffect>): string {
  const { effect } = act;
  switch (effect.kind) {
    case "CordonNode":
      return `${didText(act, "cordoned", "cordon")}, taint ${effect.taint.key}`;
    case "UncordonNode":
      return didText(act, "uncordoned", "uncordon");
    case "EvictPod":
      return `${didText(act, "evicted", "evict")} ${effect.namespace}/${effect.name}`;
    case "TerminateInstances":
      return didText(act, "ended", "end");
  }
}

interface BoundTogether {
  readonly event: "BoundTogether";
  readonly at: number;
  readonly pods: readonly string[];
}

/** Pods that came at one time, in one line. */
function boundTogether(story: readonly NodeEvent[]): (NodeEvent | BoundTogether)[] {
  const lines: (NodeEvent | BoundTogether)[] = [];
  for (const event of story) {
    const last = lines.at(-1);
    if (event.event !== "Bound") lines.push(event);
    else if (last?.event === "BoundTogether" && last.at === event.at)
      lines[lines.length - 1] = { ...last, pods: [...last.pods, event.pod] };
    else lines.push({ event: "BoundTogether", at: event.at, pods: [event.pod] });
  }
  return lines;
}

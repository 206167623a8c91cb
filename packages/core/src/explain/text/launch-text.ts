import type { Offer } from "../../model/plan.ts";
import type { LaunchExplanation, LaunchedNode, LaunchPurpose, Price } from "../explanation.ts";
import {
  launchText,
  priceText,
  ratherText,
  refusalLines,
  ridesAlong,
  servedText,
  triedLines,
} from "./launch-lines.ts";
import {
  codeText,
  createReasonTeller,
  indent,
  listed,
  outcomeText,
  type ReasonTeller,
  timeText,
} from "./words.ts";

export function launchExplanationText(explanation: LaunchExplanation): string[] {
  const { name, at, launch, price, tried, alternatives, nodes } = explanation;
  const { effect, outcome } = launch;
  const tell = createReasonTeller();
  const served = explanation.for.reduce((sum, each) => sum + each.served, 0);
  const isPriceTold = explanation.for.some((purpose) => purpose.price?.podsPerNode != null);
  return [
    `launch ${name}: ${launchText(effect)}${outcomeText(outcome)}`,
    `${timeText(at)}  ${tell([effect.reason])}`,
    ...(price && !isPriceTold ? [priceText(price)] : []),
    ...triedLines(tried),
    ...explanation.for.flatMap((each) => purposeLines(each, served - each.served, tell)),
    ...alternativeLines(alternatives),
    ...nodeLines(nodes),
  ];
}

/** `others`: pods of other kinds that the launch serves. */
function purposeLines(purpose: LaunchPurpose, others: number, tell: ReasonTeller): string[] {
  const { price, refusals } = purpose;
  const rides = ridesAlong(price, refusals, others);
  const own = price && price.podsPerNode !== null && !rides ? [priceText(price)] : [];
  const rather = refusals.length > 0 ? [ratherText(price, refusals, others)] : [];
  const not = indent(refusalLines(refusals, rides ? null : price, tell));
  return ["", `for ${servedText(purpose)}`, ...indent([...own, ...rather, ...not])];
}

function alternativeLines(offers: readonly Offer[]): string[] {
  if (offers.length === 0) return [];
  const lines = offers.map(({ group, zones, ...rest }) => {
    const price: Price = { ...rest, podsPerNode: null };
    return `${group} in ${zones.join(", ")}: ${priceText(price)}`;
  });
  return ["", "what else the pool offers, the cheapest first", ...indent(lines)];
}

function nodeLines(nodes: readonly LaunchedNode[]): string[] {
  if (nodes.length === 0) return [];
  const lines = nodes.map(({ instance, instanceType, node, bound, ended }) => {
    const [first] = bound;
    const pods = first ? `${listed(bound.map(({ pod }) => pod))} from ${timeText(first.at)}` : "";
    const end = ended ? `ended ${timeText(ended.at)}: ${codeText(ended.reason)}` : "";
    const story = [pods, end].filter(Boolean).join("; ");
    return `${instance} (${instanceType})${node === null ? "" : `, ${node}`}${story ? `: ${story}` : ""}`;
  });
  return ["", "what came of it", ...indent(lines)];
}

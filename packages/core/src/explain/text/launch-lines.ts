import type { Launch, LaunchMade, Price, Refusal, RefusedGroup, ServedPods } from "../explanation.ts";
import { costPerPod } from "../prices.ts";
import { codeText, counted, indent, listed, moneyText, outcomeText, type ReasonTeller } from "./words.ts";

/** So many groups are told of each reason, the others counted: a JSON explanation has them all. */
const SHOWN_GROUPS = 5;

/** "2 × l4-on-demand in us-east-1a". */
export function launchText(launch: Launch): string {
  if (launch.kind === "SetDesiredCapacity") {
    const { group, from, to } = launch;
    return `${to - from} × ${group}, desired capacity from ${from} to ${to}`;
  }
  const { count, group, zone, gang } = launch;
  return `${count} × ${group} in ${zone}${gang === null ? "" : ` for gang ${gang}`}`;
}

/** The launch, its price, and what it gave. */
export function launchMadeText(
  { effect, outcome, price, others }: LaunchMade,
  refusals: readonly Refusal[],
): string {
  const instances = outcome?.launch?.launched.map(({ id, instanceType }) => `${id} (${instanceType})`) ?? [];
  const gave = instances.length > 0 ? ` → ${listed(instances)}` : "";
  const shared = others > 0 ? `; it serves ${counted(others, "pod")} of other kinds, too` : "";
  const rides = ridesAlong(price, refusals, others);
  const costs = price ? `: ${priceText(rides ? { ...price, podsPerNode: null } : price)}` : "";
  return `${launchText(effect)}${costs}${shared}${gave}${outcomeText(outcome)}`;
}

/**
 * Whether the pods only fill room on nodes that are launched for other pods, too: by themselves they
 * would be served for less.
 */
export function ridesAlong(price: Price | null, refusals: readonly Refusal[], others: number): boolean {
  return others > 0 && isServedForLess(price, refusals);
}

const RIDES_ALONG = "by itself it would go elsewhere: it fills room on a node that others need";

/** Whether a Spot node was taken for the pods that are still to come, too (`spot.expectFill`). */
function countsOnOthers(price: Price | null, refusals: readonly Refusal[], others: number): boolean {
  return others === 0 && price?.capacityType === "spot" && isServedForLess(price, refusals);
}

const COUNTS_ON_OTHERS =
  "by itself it would go elsewhere: pods that are still to come are expected to share the node";

/** What stands between the offering that was launched and those that were not. */
export function ratherText(price: Price | null, refusals: readonly Refusal[], others: number): string {
  if (ridesAlong(price, refusals, others)) return RIDES_ALONG;
  return countsOnOthers(price, refusals, others) ? COUNTS_ON_OTHERS : "rather than";
}

/** Whether an offering that was not the cheapest would have served the pods by themselves for less. */
function isServedForLess(price: Price | null, refusals: readonly Refusal[]): boolean {
  const each = price && costPerPod(price);
  if (each === null) return false;
  const notCheapest = refusals.filter(({ codes }) => codes.includes("NotCheapest"));
  return notCheapest.some(({ refused }) =>
    refused.some((other) => other.price !== null && (costPerPod(other.price) ?? each) < each),
  );
}

/** "on-demand, $4.6016 an hour for a node of 4 GPUs, which takes 2 of them: $2.3008 a pod". */
export function priceText(price: Price): string {
  const { capacityType, gpus, nanoDollarsPerHour, effectiveNanoDollarsPerHour, podsPerNode } = price;
  const counts = nanoDollarsPerHour !== effectiveNanoDollarsPerHour;
  const asIf = counts
    ? ` (counted as ${moneyText(effectiveNanoDollarsPerHour)}${WHY_COUNTED[capacityType]})`
    : "";
  const node = `${capacityType}, ${moneyText(nanoDollarsPerHour)}${asIf} an hour for a node of ${counted(gpus, "GPU")}`;
  const each = costPerPod(price);
  return each === null
    ? node
    : `${node}, which takes ${podsPerNode} of them: ${moneyText(Math.round(each))} a pod`;
}

const WHY_COUNTED = {
  reserved: ": it is paid for anyway",
  spot: " with the work that interruptions cost",
  "on-demand": "",
};

/** What was not taken, by reason. `chosen` is what they are compared with; null for nothing. */
export function refusalLines(
  refusals: readonly Refusal[],
  chosen: Price | null,
  tell: ReasonTeller,
): string[] {
  return refusals.flatMap(({ codes, refused }) => {
    const shown = refused.slice(0, SHOWN_GROUPS).map((each) => refusedText(each, chosen));
    const others = refused.length - shown.length;
    return [
      tell(codes.map((code) => ({ code, detail: "" }))),
      ...indent(others > 0 ? [...shown, `and ${others} more`] : shown),
    ];
  });
}

/** Of what could take the pods the price is told, of the others what they lack. */
function refusedText({ pool, group, zone, reasons, price }: RefusedGroup, chosen: Price | null): string {
  const where = `${group ?? `pool ${pool}`}${zone === null ? "" : ` in ${zone}`}`;
  // The price is the detail of NotCheapest.
  const details = reasons
    .filter(({ code, detail }) => detail && !(code === "NotCheapest" && price))
    .map(({ detail }) => detail);
  const isTold = price && (price.podsPerNode !== null || details.length === 0);
  const costs = isTold ? [`${priceText(price)}${comparison(price, chosen)}`] : [];
  const told = [...costs, ...details].join("; ");
  return told ? `${where}: ${told}` : where;
}

/** ", 21 % more": by what it was decided by. */
function comparison(price: Price, chosen: Price | null): string {
  const [each, best] = [costPerPod(price), chosen && costPerPod(chosen)];
  if (each === null || best === null || best === 0) return "";
  const percent = Math.round((each / best - 1) * 100);
  if (percent === 0) return ", as much";
  return `, ${Math.abs(percent)} % ${percent > 0 ? "more" : "less"}`;
}

/** "default/a and 2 more (1 nvidia.com/gpu, 2 cpu, 8 Gi)". */
export function servedText({ pods, served, asksFor, gang }: ServedPods): string {
  const some = served > 0 && served < pods.length ? `${served} of ` : "";
  const asks = asksFor ? ` (${asksFor}${pods.length > 1 ? " each" : ""})` : "";
  return `${some}${listed(pods)}${asks}${gang === null ? "" : `, gang ${gang}`}`;
}

/** Launches that failed before, a line each. */
export function triedLines(tried: readonly LaunchMade[]): string[] {
  return tried.map((each) => `tried before: ${launchText(each.effect)}${triedOutcome(each)}`);
}

function triedOutcome({ outcome }: LaunchMade): string {
  if (!outcome) return "";
  const launched = outcome.launch?.launched.length ?? 0;
  const some = launched > 0 ? `, ${launched} launched` : "";
  return ` → ${outcome.status}${some}${outcome.reason ? `: ${codeText(outcome.reason)}` : ""}`;
}

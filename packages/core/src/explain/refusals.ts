import type { DemandDecision, GroupRejection } from "../model/plan.ts";
import { compareText } from "../model/text.ts";
import type { Decision } from "./decision.ts";
import type { Refusal, RefusedGroup } from "./explanation.ts";
import { costPerPod, priceOf } from "./prices.ts";

/**
 * The groups that were not taken for pods of one kind, those of the same reasons together. The best
 * comes first, by what it would cost a pod; then those that cannot take them, by how much they lack
 * and cost a GPU; those of which no price is known come last.
 */
export function refusalsFor(demand: DemandDecision, decision: Pick<Decision, "offers">): readonly Refusal[] {
  const byCodes = new Map<string, RefusedGroup[]>();
  for (const rejection of demand.rejected) {
    const refused = { ...rejection, price: priceOf(decision, rejection, demand) };
    const codes = codesOf(rejection).join();
    byCodes.set(codes, [...(byCodes.get(codes) ?? []), refused]);
  }
  return [...byCodes.values()]
    .map((refused) => refused.sort(bestFirst))
    .sort(([a], [b]) => (a && b ? bestFirst(a, b) : 0))
    .flatMap((refused) => (refused[0] ? [{ codes: codesOf(refused[0]), refused }] : []));
}

function codesOf({ reasons }: Pick<GroupRejection, "reasons">) {
  return [...new Set(reasons.map(({ code }) => code))];
}

function bestFirst(a: RefusedGroup, b: RefusedGroup): number {
  const [rankA, costA] = goodness(a);
  const [rankB, costB] = goodness(b);
  if (rankA !== rankB) return rankA < rankB ? -1 : 1;
  return costA - costB || compareText(nameOf(a), nameOf(b));
}

/** Lower is better: first those that could take the pods, then those that lack the fewest things. */
function goodness({ price, reasons }: RefusedGroup): [rank: number, cost: number] {
  if (!price) return [Number.POSITIVE_INFINITY, 0];
  const each = costPerPod(price);
  if (each !== null) return [0, each];
  return [reasons.length, price.effectiveNanoDollarsPerHour / Math.max(1, price.gpus)];
}

function nameOf({ pool, group, zone }: RefusedGroup): string {
  return [pool, group ?? "", zone ?? ""].join("/");
}

import type { RunResult } from "@gpu-autoscaler/sandbox";
import { countText, moneyText, overBound, waitText } from "../figures.ts";

/** What happened in a run: "static ran 1,501 pods for $8,586.27, 8.06 × the bound, with a mean wait of 57 s". */
export function titleOf(run: RunResult, pods: number, lowerBoundNanoDollars: number): string {
  const { name, costNanoDollars, waitMs, unfinished, infeasible } = run;
  const served = pods - unfinished.length - infeasible.length;
  const over = overBound(costNanoDollars, lowerBoundNanoDollars);
  const cost = `${moneyText(costNanoDollars)}${over === null ? "" : `, ${over.toFixed(2)} × the bound`}`;
  const lacking = [
    unfinished.length > 0 ? `${countText(unfinished.length)} more did not finish` : "",
    infeasible.length > 0 ? `${countText(infeasible.length)} fit on no node` : "",
  ].filter(Boolean);
  const ran = `${name} ran ${counted(served, "pod")} for ${cost}, with a mean wait of ${waitText(waitMs.mean)}`;
  return lacking.length > 0 ? `${ran}; ${lacking.join(", ")}` : ran;
}

/** How another run differs: "static costs 2.5 times as much ($8,586.27), and its pods wait 47 s longer (57 s)". */
export function comparisonOf(run: RunResult, other: RunResult): string {
  const cost = `${other.name} costs ${costAgainst(other.costNanoDollars, run.costNanoDollars)}`;
  const longer = other.waitMs.mean - run.waitMs.mean;
  const wait =
    Math.abs(longer) < 500
      ? `its pods wait as long`
      : `its pods wait ${waitText(Math.abs(longer))} ${longer > 0 ? "longer" : "less"} on average`;
  return `${cost} (${moneyText(other.costNanoDollars)}), and ${wait} (${waitText(other.waitMs.mean)})`;
}

function costAgainst(cost: number, base: number): string {
  if (cost === base) return "the same";
  if (base === 0) return "more";
  const ratio = cost / base;
  if (ratio >= 2) return `${ratio.toFixed(1)} times as much`;
  const percent = Math.abs(ratio - 1) * 100;
  return `${percent.toFixed(percent < 10 ? 1 : 0)} % ${ratio > 1 ? "more" : "less"}`;
}

function counted(count: number, what: string): string {
  return `${countText(count)} ${what}${count === 1 ? "" : "s"}`;
}

import { type CompiledPod, compilePod, hasGpusLeft } from "../../fit/index.ts";
import type { Policy } from "../../model/policy.ts";
import { asksForGpu, largestGpuRequest } from "../../model/resources.ts";
import { type EpochMs, MINUTE_MS, type NanoDollars } from "../../model/units.ts";
import type { Fleet } from "../fleet.ts";
import type { Machine } from "../machines.ts";
import type { Reconsider } from "../reconsider.ts";
import type { Candidate } from "../scale-down/candidates.ts";
import { movedByDrain } from "../scale-down/drain.ts";
import { createMoves } from "../scale-down/moves.ts";
import type { Market } from "../scale-up/market.ts";
import type { OpenOffering } from "../scale-up/offerings.ts";
import type { Placement } from "../scale-up/placement.ts";
import type { Worth } from "../worth.ts";

/**
 * Where pods of dear nodes could run for less: on nodes that are there or on their way, or on a new
 * one that takes the place of some of them and costs less than they do. Launches that one; the dear
 * nodes are drained when it serves. Gives the nodes that such pods are to come to.
 */
export function planReplacements(
  candidates: readonly Candidate[],
  fleet: Fleet,
  policy: Policy,
  worth: Worth,
  market: () => Market | null,
  placement: Placement,
  reconsider: Reconsider,
): ReadonlySet<string> {
  if (candidates.length === 0) return NOBODY;
  const moves = createMoves(fleet, worth, isThere);
  const homeless: Candidate[] = [];
  for (const candidate of candidates) {
    const { machine } = candidate;
    if (moves.taken.has(machine)) continue;
    moves.close(machine);
    if (moves.moveAll(movedByDrain(machine)) === null) continue;
    moves.open(machine);
    homeless.push(candidate);
  }
  const staying = homeless.filter(({ machine }) => !moves.taken.has(machine));
  const open = staying.length > 0 ? market() : null;
  if (open) launchBest(staying, fleet, policy, worth, open, placement, reconsider);
  const expected = new Set([...moves.taken].map(({ name }) => name));
  moves.undo();
  return expected;
}

const NOBODY: ReadonlySet<string> = new Set();

function isThere({ status }: Machine): boolean {
  return status === "serving" || status === "upcoming";
}

interface Dear {
  readonly pods: readonly CompiledPod[];
  readonly nanoDollarsPerHour: NanoDollars;
  readonly capacityType: string;
  /** GPUs, replicas or slices that its pods ask for. */
  readonly parts: number;
  /** When the youngest of its pods was created. */
  readonly youngestAt: EpochMs;
}

/** A new node that takes the place of dearer ones. */
interface Replacing {
  readonly offering: OpenOffering;
  /** Of what they cost. A share, since a large node that saves little would take the pods of better ones. */
  readonly savedShare: number;
  readonly paysAt: EpochMs;
}

/**
 * While a new node boots and the pods go over to it, both are paid for. That has to be won back while
 * the pods go on running: as long as they have run so far, to the best of anybody's knowledge (Lindy).
 */
const BOTH_PAID_MS = 10 * MINUTE_MS;

/** Opens the node that saves the largest share, once its pods are old enough for the move to pay. */
function launchBest(
  candidates: readonly Candidate[],
  fleet: Fleet,
  { scaleDown }: Policy,
  worth: Worth,
  { offerings, limits }: Market,
  placement: Placement,
  reconsider: Reconsider,
): void {
  const dear = candidates.map(({ machine, managed: { group, zone, instanceType } }): Dear => {
    const pods = movedByDrain(machine);
    return {
      pods: pods.map(compilePod),
      nanoDollarsPerHour: fleet.pricing.ofInstance(group, zone, instanceType),
      capacityType: group.capacityType,
      parts: pods.reduce((sum, { requests }) => sum + largestGpuRequest(requests).gpuAmount, 0),
      youngestAt: Math.max(...pods.map(({ createdAt }) => createdAt)),
    };
  });
  const leastShare = 1 - 1000 / scaleDown.replaceAboveMilli;
  const alikeOf = Map.groupBy(dear, ({ capacityType }) => capacityType);
  const promising = offerings.open
    .flatMap((offering) => {
      const alike = alikeOf.get(offering.of.group.capacityType) ?? [];
      const atBest = savedShareOf(atMost(alike, offering), offering);
      return atBest >= leastShare && !offering.of.pool.dryRun ? [{ offering, alike, atBest }] : [];
    })
    .sort((one, other) => other.atBest - one.atBest);
  let best: Replacing | null = null;
  for (const { offering, alike, atBest } of promising) {
    if (best !== null && atBest <= best.savedShare) break;
    // Another zone at the same price saves no more.
    if (best !== null && isTwin(best.offering, offering)) continue;
    if (!limits.allowsOne(offering)) continue;
    const replaced = replacedBy(offering, alike, worth, placement);
    const paid = replaced.reduce((sum, { nanoDollarsPerHour }) => sum + nanoDollarsPerHour, 0);
    const savedShare = savedShareOf(paid, offering);
    if (savedShare < leastShare || savedShare <= (best?.savedShare ?? 0)) continue;
    const { nanoDollarsPerHour } = offering.price;
    const youngestAt = Math.max(...replaced.map((each) => each.youngestAt));
    const paidTwiceMs = (BOTH_PAID_MS * nanoDollarsPerHour) / (paid - nanoDollarsPerHour);
    best = { offering, savedShare, paysAt: youngestAt + Math.ceil(paidTwiceMs) };
  }
  if (!best || !reconsider.reached(best.paysAt)) return;
  placement.keep(placement.add(best.offering), best.offering, null, "PodsReplaceable");
  limits.take(best.offering, 1);
}

/** Of what is paid for nodes, what a new one in their place saves. */
function savedShareOf(paid: NanoDollars, { price }: OpenOffering): number {
  return (paid - price.nanoDollarsPerHour) / Math.max(1, paid);
}

function isTwin(a: OpenOffering, b: OpenOffering): boolean {
  return a.template === b.template && a.price.nanoDollarsPerHour === b.price.nanoDollarsPerHour;
}

/** What nodes whose pods a new node could take would cost at most, by GPUs alone. */
function atMost(dear: readonly Dear[], { template }: OpenOffering): NanoDollars {
  let left = Math.max(0, ...Object.values(template.gpuResources));
  let sum = 0;
  for (const { parts, nanoDollarsPerHour } of dear) {
    if (left <= 0) break;
    left -= parts;
    sum += nanoDollarsPerHour;
  }
  return sum;
}

/** Those nodes whose pods would all run on a new node together, taken in turn. */
function replacedBy(
  offering: OpenOffering,
  dear: readonly Dear[],
  worth: Worth,
  placement: Placement,
): readonly Dear[] {
  const { space } = placement;
  const node = placement.add(offering);
  const placed: CompiledPod[] = [];
  const replaced: Dear[] = [];
  const isWorthIt = (pod: CompiledPod) => !asksForGpu(pod.spec.requests) || worth.isWorthIt(pod, offering);
  for (const each of dear) {
    if (!hasGpusLeft(node)) break;
    const from = placed.length;
    for (const pod of each.pods) {
      if (!space.fits(pod, node) || !isWorthIt(pod)) break;
      space.place(pod.spec, node);
      placed.push(pod);
    }
    if (placed.length - from === each.pods.length) replaced.push(each);
    else for (const pod of placed.splice(from)) space.displace(pod.spec, node);
  }
  for (const pod of placed) space.displace(pod.spec, node);
  placement.discard(node);
  return replaced;
}

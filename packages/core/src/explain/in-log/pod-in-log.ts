import type { ReasonCode } from "../../model/reason.ts";
import type { TickRecord } from "../../record/tick-record.ts";
import { actOf } from "../decision.ts";
import type { PodDecided, PodEvent, PodExplanation } from "../explanation.ts";
import { decisionOfPod } from "../pod-decision.ts";

/**
 * What the records, oldest first, tell of a pod (`namespace/name`): since when it waited, what was
 * tried, where it went. null when none of them names it.
 */
export function explainPodInLog(records: Iterable<TickRecord>, name: string): PodExplanation | null {
  const story: PodEvent[] = [];
  let asksFor = "";
  let gang: string | null = null;
  let last: TickRecord | null = null;
  for (const record of records) {
    last = record;
    const of = decisionOfPod(record, name);
    if (of) {
      asksFor = of.demand.asksFor || asksFor;
      gang = of.demand.gang ?? gang;
    }
    tell(story, record, name, of?.decided ?? null);
  }
  if (!last || story.length === 0) return null;
  const { cluster, decidedAt: at } = last;
  return { kind: "pod", cluster, name, at, ...standingAfter(story), asksFor, gang, story };
}

/** With these, a record that does not name the pod says nothing of it. */
const PODS_UNREADABLE: ReadonlySet<ReasonCode> = new Set(["PodsStale", "NodesStale"]);

function tell(story: PodEvent[], record: TickRecord, name: string, decided: PodDecided | null): void {
  const { decidedAt: at, arrived = [], bound = [], instances = {}, effects, problems } = record;
  const created = arrived.find(({ pod }) => pod === name);
  const before = story.findLast((each) => each.event === "Decided" && each.until === null);
  if (!created && before?.event === "Decided" && decided && saysTheSame(before, decided)) {
    story[story.indexOf(before)] = { ...decided, at: before.at };
  } else if (decided || !problems.some(({ code }) => PODS_UNREADABLE.has(code))) {
    if (before?.event === "Decided") story[story.indexOf(before)] = { ...before, until: at };
    if (created) story.push({ event: "Created", at: created.createdAt });
    if (decided) story.push(decided);
  }
  const here = bound.find(({ pod }) => pod === name);
  const last = story.at(-1);
  if (here && !(last?.event === "Bound" && last.node === here.node)) {
    story.push({ event: "Bound", at, node: here.node, instance: instances[here.node] ?? null });
  } else if (last?.event === "Decided" && last.until !== null) {
    story.push({ event: "Gone", at });
  }
  for (const effect of effects) {
    if (effect.kind !== "EvictPod" || `${effect.namespace}/${effect.name}` !== name) continue;
    story.push({ event: "Evicted", at, ...actOf(record, effect) });
  }
}

/** Figures apart: they change with every pod that comes and goes. */
function saysTheSame(a: PodDecided, b: PodDecided): boolean {
  const signature = ({ reason, launch, tried, refusals }: PodDecided) =>
    JSON.stringify([
      reason,
      launch?.effect.key,
      tried.map(({ effect }) => effect.key),
      refusals.map(({ codes, refused }) => [codes, refused.map(({ group, zone }) => [group, zone])]),
    ]);
  return signature(a) === signature(b);
}

function standingAfter(story: readonly PodEvent[]): Pick<PodExplanation, "standing" | "node"> {
  const last = story.at(-1);
  switch (last?.event) {
    case "Bound":
      return { standing: "bound", node: last.node };
    case "Evicted":
      return { standing: last.outcome?.status === "done" ? "evicted" : "bound", node: last.effect.node };
    case "Gone":
      return { standing: "gone", node: null };
    default:
      return { standing: "waiting", node: null };
  }
}

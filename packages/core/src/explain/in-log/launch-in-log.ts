import type { EpochMs } from "../../model/units.ts";
import type { TickRecord } from "../../record/tick-record.ts";
import { actOf, type Decision, launchesOf, servedBy } from "../decision.ts";
import { explanationOfLaunch, servedPods } from "../explain-launch.ts";
import type { Act, Launch, LaunchExplanation, LaunchedNode, ServedPods } from "../explanation.ts";

/** A launch, in short. */
export interface ListedLaunch {
  readonly at: EpochMs;
  readonly launch: Act<Launch>;
  readonly for: readonly ServedPods[];
}

/** Every launch of the records, in their order. */
export function launchesInLog(records: Iterable<TickRecord>): readonly ListedLaunch[] {
  const listed: ListedLaunch[] = [];
  for (const record of records) {
    for (const effect of launchesOf(record)) {
      const served = servedBy(record, effect).map((demand) => servedPods(demand, record, effect));
      listed.push({ at: record.decidedAt, launch: actOf(record, effect), for: served });
    }
  }
  return listed;
}

/**
 * Why a launch, by its key, was of this offering and of no other, and what became of its nodes. null
 * when no record has it. A launch that was repeated is told as it was first decided, with its last
 * answer; a rise of desired capacity, whose key is its group's for ever, as it was last.
 */
export function explainLaunchInLog(records: Iterable<TickRecord>, key: string): LaunchExplanation | null {
  let told: LaunchExplanation | null = null;
  const nodes = new Map<string, LaunchedNode>();
  for (const record of records) {
    const launch = launchesOf(record).find((each) => each.key === key);
    if (launch) told = tellLaunch(told, record, launch);
    const launched = launch && told?.launch.outcome?.launch?.launched;
    for (const { id, instanceType } of launched ?? []) {
      if (!nodes.has(id)) nodes.set(id, { instance: id, instanceType, node: null, bound: [], ended: null });
    }
    if (nodes.size > 0) follow(nodes, record);
  }
  return told && { ...told, nodes: [...nodes.values()] };
}

function tellLaunch(before: LaunchExplanation | null, record: Decision, launch: Launch): LaunchExplanation {
  if (before === null || launch.kind === "SetDesiredCapacity") return explanationOfLaunch(record, launch);
  const { outcome } = actOf(record, launch);
  return { ...before, launch: { ...before.launch, outcome: outcome ?? before.launch.outcome } };
}

/** Notes what the record says of these instances. */
function follow(nodes: Map<string, LaunchedNode>, record: TickRecord): void {
  const { decidedAt: at, instances = {}, bound = [], effects } = record;
  for (const [name, id] of Object.entries(instances)) {
    const known = nodes.get(id);
    if (!known) continue;
    const came = bound.filter(
      ({ pod, node }) => node === name && !known.bound.some((each) => each.pod === pod),
    );
    nodes.set(id, { ...known, node: name, bound: [...known.bound, ...came.map(({ pod }) => ({ pod, at }))] });
  }
  for (const effect of effects) {
    if (effect.kind !== "TerminateInstances") continue;
    for (const { id, node } of effect.instances) {
      const known = nodes.get(id);
      if (known && actOf(record, effect).outcome?.status === "done")
        nodes.set(id, { ...known, node: node ?? known.node, ended: { at, reason: effect.reason } });
    }
  }
}

import { DRAINING_TAINT, INTERRUPTED_TAINT } from "../../model/keys.ts";
import type { LaunchedInstance } from "../../model/state.ts";
import type { EpochMs } from "../../model/units.ts";
import type { TickRecord } from "../../record/tick-record.ts";
import { actOf, launchesOf, servedBy } from "../decision.ts";
import { servedPods } from "../explain-launch.ts";
import { asOnNode } from "../explain-node.ts";
import type { Act, NodeEffect, NodeEvent, NodeExplanation, NodeLaunched } from "../explanation.ts";
import { createStay, type Stay } from "./stay.ts";

/**
 * What the records, oldest first, tell of a node: for whom it was launched, who came to it, why it
 * was kept, why it was ended. `name` is the node's, or its instance's id. null when none names it.
 */
export function explainNodeInLog(records: Iterable<TickRecord>, name: string): NodeExplanation | null {
  const origins = new Map<string, Origin>();
  const life = createLife(name, origins);
  let last: TickRecord | null = null;
  for (const record of records) {
    last = record;
    noteOrigins(origins, record);
    life.add(record);
  }
  return last && life.explanation(last);
}

/** Where an instance came from. */
interface Origin {
  readonly instance: LaunchedInstance;
  readonly group: string;
  readonly pool: string;
  readonly launched: NodeLaunched;
}

function noteOrigins(origins: Map<string, Origin>, record: TickRecord): void {
  for (const effect of launchesOf(record)) {
    const launch = actOf(record, effect);
    const instances = launch.outcome?.launch?.launched ?? [];
    if (instances.length === 0) continue;
    const served = servedBy(record, effect).map((demand) => servedPods(demand, record, effect));
    const launched: NodeLaunched = { event: "Launched", at: record.decidedAt, launch, for: served };
    for (const instance of instances) {
      // A launch that is repeated answers the same: whom it was for was told the first time.
      if (!origins.has(instance.id))
        origins.set(instance.id, { instance, group: effect.group, pool: effect.pool, launched });
    }
  }
}

/** What is known of the node while the records are read. */
function createLife(asked: string, origins: ReadonlyMap<string, Origin>) {
  const story: NodeEvent[] = [];
  let node: string | null = null;
  let instance: string | null = null;
  let pool: string | null = null;
  let group: string | null = null;
  let stay: Stay = createStay(story);
  /** Where the story of this instance begins. */
  let begin = 0;

  const become = (id: string, at: EpochMs): void => {
    if (id === instance) return;
    if (instance !== null) {
      // Its name was given again, to another instance.
      stay.end(at);
      stay = createStay(story);
      begin = story.length;
    }
    instance = id;
    const origin = origins.get(id);
    if (origin) story.push(origin.launched);
  };

  const identify = ({ decidedAt: at, instances = {}, effects }: TickRecord): void => {
    if (origins.has(asked)) become(asked, at);
    for (const [name, id] of Object.entries(instances)) {
      if (name !== asked && id !== asked) continue;
      node = name;
      become(id, at);
    }
    for (const ended of effects.flatMap((each) =>
      each.kind === "TerminateInstances" ? each.instances : [],
    )) {
      if (ended.node !== asked && ended.id !== asked) continue;
      node = ended.node ?? node;
      become(ended.id, at);
    }
  };

  return {
    add(record: TickRecord): void {
      identify(record);
      const name: string = node ?? asked;
      const decided = record.nodes.filter((each) => each.node === name);
      for (const each of decided) pool = each.pool ?? pool;
      for (const { pod, node: on } of record.bound ?? []) if (on === name) stay.bound(record, pod);
      stay.kept(
        record,
        decided.flatMap(({ reasons }) => reasons),
      );
      for (const effect of record.effects.flatMap((each) => asOnNode(each, name, instance))) {
        pool = effect.pool;
        if (effect.kind === "TerminateInstances") group = effect.group;
        stay.done(record, actOf<NodeEffect>(record, effect));
      }
    },

    explanation({ cluster, decidedAt: at }: TickRecord): NodeExplanation | null {
      if (story.length === 0) return null;
      const origin = instance === null ? undefined : origins.get(instance);
      return {
        kind: "node",
        cluster,
        name: node ?? asked,
        at,
        standing: standingAfter(story.slice(begin), node ?? asked),
        pool: pool ?? origin?.pool ?? null,
        group: group ?? origin?.group ?? null,
        instance,
        instanceType: origin?.instance.instanceType ?? null,
        zone: origin?.instance.zone ?? null,
        story: [...story].sort((a, b) => a.at - b.at),
      };
    },
  };
}

function standingAfter(story: readonly NodeEvent[], node: string): NodeExplanation["standing"] {
  const acts = story.filter((each) => each.event === "Done");
  const isEnded = ({ effect, outcome }: Act<NodeEffect>) =>
    effect.kind === "TerminateInstances" && hasEnded(outcome, node);
  const lastAct = acts.at(-1);
  if (lastAct && isEnded(lastAct)) return "ended";
  const cordon = acts.findLast(({ effect: { kind } }) => kind === "CordonNode" || kind === "UncordonNode");
  if (cordon && isDrain(cordon)) return "leaving";
  const said = story.findLast((each) => each.event === "Kept" || each.event === "Bound");
  if (said?.event === "Kept" && said.until === null) {
    return said.reasons.some(({ code }) => code === "NotAutoscaled") ? "foreign" : "kept";
  }
  return story.every((each) => each.event === "Launched") ? "upcoming" : "held";
}

/** Of several nodes that an effect ends, its outcome names those that stay. */
function hasEnded(outcome: Act["outcome"], node: string): boolean {
  if (outcome?.status === "done") return true;
  return outcome?.status === "partly" && outcome.reason?.detail.includes(`${node} stays`) !== true;
}

function isDrain({ effect, outcome }: Act<NodeEffect>): boolean {
  if (effect.kind !== "CordonNode" || outcome?.status !== "done") return false;
  return effect.taint.key === DRAINING_TAINT || effect.taint.key === INTERRUPTED_TAINT;
}

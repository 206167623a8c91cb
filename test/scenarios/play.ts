import {
  type Decide,
  decide,
  type Effect,
  MINUTE_MS,
  type Outcome,
  type Policy,
  type Reason,
  runTick,
  SECOND_MS,
  type TickRecord,
} from "@gpu-autoscaler/core";
import { createWorld, type World, type WorldOptions } from "@gpu-autoscaler/sandbox";
import { pricesOf } from "../builders/index.ts";

/** What happens by hand in a scenario, minutes after its start. */
interface Happening {
  readonly atMinutes: number;
  readonly what: string;
  do(world: World): void | Promise<void>;
}

export interface Scenario {
  readonly policy: Policy;
  readonly world?: Partial<WorldOptions>;
  readonly happenings: readonly Happening[];
  readonly minutes: number;
  readonly decide?: Decide;
}

/**
 * Plays a scenario in the embedded cloud, a tick each minute and at each demand event, and tells it
 * as a story: what happened, what was decided and why, what became of it. Decisions that change
 * nothing are told once.
 */
export async function play({
  policy,
  world: options,
  happenings,
  minutes,
  decide: by = decide,
}: Scenario): Promise<string> {
  const world = createWorld({
    cluster: policy.cluster,
    pools: policy.pools,
    prices: pricesOf(policy),
    ...options,
  });
  const story: string[] = [];
  const start = world.now;
  const tell = (text: string) => story.push(`${clock(world.now - start)}  ${text}`);
  const ports = {
    ...world.ports,
    decisionLog: {
      append: async (record: TickRecord) => {
        story.push(...told(record, clock(world.now - start)));
      },
    },
  };
  const open = [...happenings].sort((a, b) => a.atMinutes - b.atMinutes);
  const end = start + minutes * MINUTE_MS;
  let nextTick = start;
  while (world.now < end) {
    const happening = open[0];
    const happensAt = happening ? start + happening.atMinutes * MINUTE_MS : Number.POSITIVE_INFINITY;
    world.advanceToWake(Math.min(nextTick, happensAt, end));
    if (happening && world.now === happensAt) {
      open.shift();
      tell(`── ${happening.what}`);
      await happening.do(world);
      continue;
    }
    if (world.now >= end) break;
    world.woken();
    await runTick(ports, policy, by);
    nextTick = start + (Math.floor((world.now - start) / MINUTE_MS) + 1) * MINUTE_MS;
  }
  world.advanceTo(end);
  const { nodes, pods } = await world.ports.clusterReader.readCluster();
  const running = pods.filter(({ phase }) => phase === "Running").length;
  const pending = pods.filter(({ phase }) => phase === "Pending").length;
  const { launches, evictions } = world.result();
  tell(
    `── the end: ${nodes.length} nodes, ${running} pods running, ${pending} pending, ${launches} launches, ${evictions} evictions`,
  );
  return `${story.join("\n")}\n`;
}

function told(record: TickRecord, at: string): string[] {
  const outcomes = new Map(record.outcomes.map((outcome) => [outcome.key, outcome]));
  const lines = [
    ...record.problems.map((problem) => `problem: ${because(problem)}`),
    ...record.effects.map(
      (effect) => `${effectText(effect)}: ${because(effect.reason)}${outcomeText(outcomes.get(effect.key))}`,
    ),
    ...record.demand.flatMap(({ pods, asksFor, outcomes: placed, rejected }) => [
      ...placed.map(
        ({ count, reason }) =>
          `  ${podsText(pods)}${asksFor && ` (${asksFor})`}: ${count} × ${because(reason)}`,
      ),
      ...rejected.map(
        ({ pool, group, zone, reasons }) =>
          `    not ${[group ?? pool, zone].filter((each) => each !== null).join(" in ")}: ${reasons.map(because).join("; ")}`,
      ),
    ]),
    ...record.nodes.map(({ node, reasons }) => `  node ${node}: ${reasons.map(because).join("; ")}`),
  ];
  const told = lines.length > 0 ? lines : ["nothing is left to say"];
  return told.map((line) => `${at}  ${line}`);
}

function effectText(effect: Effect): string {
  switch (effect.kind) {
    case "LaunchInstances":
      return `LaunchInstances ${effect.count} × ${effect.group} in ${effect.zone}${effect.gang === null ? "" : ` for gang ${effect.gang}`}`;
    case "SetDesiredCapacity":
      return `SetDesiredCapacity ${effect.group} ${effect.from} → ${effect.to}`;
    case "EvictPod":
      return `EvictPod ${effect.namespace}/${effect.name} from ${effect.node}`;
    case "TerminateInstances":
      return `TerminateInstances ${effect.instances.map(({ id, node }) => node ?? id).join(", ")}`;
    case "CordonNode":
    case "UncordonNode":
      return `${effect.kind} ${effect.node}`;
  }
}

function outcomeText(outcome: Outcome | undefined): string {
  if (!outcome) return " → not carried out";
  if (outcome.status === "done") return "";
  const launched = outcome.launch ? `, ${outcome.launch.launched.length} launched` : "";
  return ` → ${outcome.status}${launched}${outcome.reason ? `: ${because(outcome.reason)}` : ""}`;
}

function podsText(pods: readonly string[]): string {
  const [first = ""] = pods;
  return pods.length === 1 ? first : `${first} and ${pods.length - 1} more`;
}

function because({ code, detail }: Reason): string {
  return detail ? `${code} (${detail})` : code;
}

/** hh:mm:ss. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / SECOND_MS);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

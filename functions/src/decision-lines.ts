import type { Effect, Outcome, Reason, TickRecord } from "@gpu-autoscaler/core";

/** What a tick decided about one pool, small enough for a line of a log. */
export interface DecisionLine {
  /** null: what is said of the cluster as a whole. */
  readonly pool: string | null;
  /** What was done and why, and what became of it. The first ones; `moreEffects` tells how many follow. */
  readonly effects: readonly string[];
  readonly moreEffects: number;
  /** Of the nodes that stay or are not as they should be: how many for each reason. */
  readonly nodes: Counts;
  /** How many kinds of pods the pool, or an offering of it, was not taken for, by reason. */
  readonly rejected: Counts;
  /** Of the whole cluster: how many pods wait, by reason. */
  readonly waiting?: Counts;
  /** Of the whole cluster: what could not be read. */
  readonly problems?: readonly string[];
}

type Counts = Readonly<Record<string, number>>;

const MOST_EFFECTS = 10;
const MOST_PROBLEMS = 5;

/** A line for each pool of which there is something to say, by name, and before them one for the cluster. */
export function decisionLines(record: TickRecord): DecisionLine[] {
  const outcomes = new Map(record.outcomes.map((outcome) => [outcome.key, outcome]));
  const named = [
    ...record.effects.map(({ pool }) => pool),
    ...record.nodes.flatMap(({ pool }) => pool ?? []),
    ...record.demand.flatMap(({ rejected }) => rejected.map(({ pool }) => pool)),
  ];
  const pools = [...new Set(named)].sort();
  const whole = clusterLine(record);
  return [...(whole ? [whole] : []), ...pools.map((pool) => poolLine(record, pool, outcomes))];
}

function poolLine(
  { effects, nodes, demand }: TickRecord,
  pool: string,
  outcomes: ReadonlyMap<string, Outcome>,
): DecisionLine {
  const ours = effects.filter((effect) => effect.pool === pool);
  const rejections = demand.flatMap(({ rejected }) => {
    const reasons = rejected.filter((each) => each.pool === pool).flatMap((each) => each.reasons);
    return [...new Set(reasons.map(({ code }) => code))];
  });
  return {
    pool,
    effects: ours.slice(0, MOST_EFFECTS).map((effect) => wordsOf(effect, outcomes.get(effect.key))),
    moreEffects: Math.max(0, ours.length - MOST_EFFECTS),
    nodes: countsOf(nodes.filter((each) => each.pool === pool).flatMap(({ reasons }) => reasons.map(codeOf))),
    rejected: countsOf(rejections),
  };
}

function clusterLine({ demand, problems, nodes }: TickRecord): DecisionLine | null {
  const waiting: Record<string, number> = {};
  for (const { outcomes } of demand) {
    for (const { count, reason } of outcomes) waiting[reason.code] = (waiting[reason.code] ?? 0) + count;
  }
  const unmanaged = nodes.filter(({ pool }) => pool === null);
  if (problems.length === 0 && unmanaged.length === 0 && Object.keys(waiting).length === 0) return null;
  const told = problems.slice(0, MOST_PROBLEMS).map(({ code, detail }) => `${code}: ${detail}`);
  const more = problems.length - told.length;
  return {
    pool: null,
    effects: [],
    moreEffects: 0,
    nodes: countsOf(unmanaged.flatMap(({ reasons }) => reasons.map(codeOf))),
    rejected: {},
    waiting,
    problems: more > 0 ? [...told, `and ${more} more`] : told,
  };
}

function wordsOf(effect: Effect, outcome: Outcome | undefined): string {
  const fate = [outcome?.status ?? "not tried", outcome?.reason?.code].filter(Boolean).join(" ");
  return `${effect.kind} ${objectOf(effect)} ${effect.reason.code}: ${fate}`;
}

function objectOf(effect: Effect): string {
  switch (effect.kind) {
    case "LaunchInstances":
      return `${effect.count} in ${effect.group} ${effect.zone}`;
    case "SetDesiredCapacity":
      return `${effect.group} from ${effect.from} to ${effect.to}`;
    case "TerminateInstances":
      return effect.instances.map(({ id }) => id).join(" ");
    case "EvictPod":
      return `${effect.namespace}/${effect.name} from ${effect.node}`;
    case "CordonNode":
    case "UncordonNode":
      return effect.node;
  }
}

function countsOf(codes: readonly string[]): Counts {
  const counts: Record<string, number> = {};
  for (const code of [...codes].sort()) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

function codeOf({ code }: Reason): string {
  return code;
}

import {
  counted,
  createReasonTeller,
  indent,
  listed,
  moneyText,
  type ReasonTeller,
  timeText,
} from "@gpu-autoscaler/core";
import { effectLines, nodeLine, waitingLines } from "./plan-lines.ts";
import type { PlanView, PoolView } from "./plan-view.ts";

/** A plan for people. */
export function planText(view: PlanView): string {
  const tell = createReasonTeller();
  const sections = [
    headLines(view),
    ...view.pools.map((pool) => poolLines(pool, view, tell)),
    section(
      "pods that wait",
      view.waiting.flatMap((demand) => waitingLines(demand, view)),
    ),
    section(
      "nodes with GPU pods that no pool holds",
      view.others.map((node) => nodeLine(node, tell)),
    ),
    section(
      "what could not be seen, and what follows",
      view.problems.map((problem) => tell([problem])),
    ),
    [summary(view)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headLines({ cluster, region, preview, way, table, state }: PlanView): string[] {
  return [
    `cluster ${cluster} in ${region}, ${timeText(preview.plan.decidedAt)}: a plan, nothing was changed`,
    `by context ${way.context}; ${STATES[state](table)}`,
  ];
}

const STATES: Readonly<Record<PlanView["state"], (table: string | null) => string>> = {
  table: (table) => `with the state of table ${table}`,
  memory: () => "with what the plans before remembered",
  empty: (table) =>
    table === null
      ? "from an empty state: no table is known (--table, TABLE_NAME, .sst/outputs.json), so that keep times begin now"
      : `from an empty state: table ${table} has none of this cluster, so that keep times begin now`,
};

function poolLines(pool: PoolView, view: PlanView, tell: ReasonTeller): string[] {
  const brakes = [
    ...(pool.isPaused ? ["paused: nothing of it would be done"] : []),
    ...(pool.isDryRun ? ["dry run: decided and recorded, not done"] : []),
  ];
  const effects = pool.effects.flatMap((effect) => effectLines(effect, view, tell));
  const kept = pool.nodes.map((node) => nodeLine(node, tell));
  const lines = [
    ...(effects.length > 0 ? ["would", ...indent(effects)] : []),
    ...(kept.length > 0 ? ["keeps", ...indent(kept)] : []),
  ];
  const head = `pool ${pool.name}${brakes.length > 0 ? ` (${brakes.join("; ")})` : ""}`;
  return [lines.length > 0 ? head : `${head}: nothing to do`, ...indent(lines)];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? [title, ...indent(lines)] : [];
}

function summary({ preview, waiting }: PlanView): string {
  const { effects } = preview.plan;
  const launches = effects.filter((effect) => effect.kind === "LaunchInstances");
  const nodes = launches.reduce((sum, { count }) => sum + count, 0);
  const cost = launches.reduce((sum, { count, nanoDollarsPerHour }) => sum + count * nanoDollarsPerHour, 0);
  const ended = effects.reduce(
    (sum, effect) => sum + (effect.kind === "TerminateInstances" ? effect.instances.length : 0),
    0,
  );
  const others = effects.length - launches.length;
  const pods = waiting.flatMap(({ outcomes }) =>
    outcomes.filter(({ effect }) => effect === null).map(({ count }) => count),
  );
  return `in all: ${listed(
    [
      `${counted(nodes, "node")} launched${nodes > 0 ? ` for ${moneyText(cost)} an hour` : ""}`,
      `${counted(ended, "instance")} ended`,
      `${counted(others, "other effect")}`,
      `${counted(
        pods.reduce((sum, count) => sum + count, 0),
        "pod",
      )} waiting without a launch`,
    ],
    4,
  )}`;
}

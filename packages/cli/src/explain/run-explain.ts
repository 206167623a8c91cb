import {
  AutoscalerError,
  type EpochMs,
  type Explanation,
  explainLaunchInLog,
  explainNodeInLog,
  explainPodInLog,
  explanationText,
  launchesInLog,
  launchListText,
  namesInLog,
  nearestNames,
  type TickRecord,
} from "@gpu-autoscaler/core";
import type { CommandContext } from "../command-context.ts";
import { type DecisionLogFile, openDecisionLog } from "./decision-log-file.ts";
import { OURS, readDecisionTable, type TableOptions } from "./decision-log-table.ts";

/** The options of each kind of `explain`, as commander reads them. */
export interface ExplainOptions extends TableOptions {
  /** A file; else the decisions are those of a deployment's table. */
  readonly events?: string;
  /** Decisions after it are left out. */
  readonly at?: EpochMs;
  readonly policy?: string;
  readonly json?: boolean;
}

type Kind = Explanation["kind"];

const EXPLAIN: Readonly<Record<Kind, (records: Iterable<TickRecord>, name: string) => Explanation | null>> = {
  pod: explainPodInLog,
  node: explainNodeInLog,
  launch: explainLaunchInLog,
};

/** A decision log, and its name in messages. */
interface OpenedLog {
  readonly log: DecisionLogFile;
  readonly name: string;
}

async function openLog(options: ExplainOptions, context: CommandContext): Promise<OpenedLog> {
  const { events } = options;
  if (events === undefined) return readDecisionTable(options, context);
  return { log: openDecisionLog(events), name: events };
}

/**
 * Explains a pod, a node or a launch of a decision log.
 *
 * @throws AutoscalerError when the log is refused; "unknown-policy"; "unknown-name" with the nearest
 * names, also when the log knows it only after the time that was asked for
 */
export async function runExplain(
  kind: Kind,
  name: string,
  options: ExplainOptions,
  context: CommandContext,
): Promise<void> {
  const opened = await openLog(options, context);
  const { log } = opened;
  const { stdout } = context;
  const policy = policyOf(opened, options);
  const until = options.at ?? Number.POSITIVE_INFINITY;
  const explanation = EXPLAIN[kind](log.records(policy, until), name);
  if (!explanation) throw unknownName(kind, name, opened, policy, options);
  if (options.json) stdout.write(jsonOf({ policy, ...explanation }));
  else stdout.write(`${headingOf(log, policy)}${explanationText(explanation)}`);
}

/** Lists the launches of a decision log; throws as `runExplain`. */
export async function runLaunchList(options: ExplainOptions, context: CommandContext): Promise<void> {
  const opened = await openLog(options, context);
  const { log } = opened;
  const { stdout } = context;
  const policy = policyOf(opened, options);
  const launches = launchesInLog(log.records(policy, options.at ?? Number.POSITIVE_INFINITY));
  if (options.json) stdout.write(jsonOf({ policy, launches }));
  else stdout.write(`${headingOf(log, policy)}${launchListText(launches) || "no launch\n"}`);
}

/** The one that is asked for; else ours; else the first of the log. */
function policyOf({ log: { policies }, name }: OpenedLog, { policy }: ExplainOptions): string {
  if (policy === undefined) return policies.includes(OURS) ? OURS : (policies[0] ?? OURS);
  if (policies.includes(policy)) return policy;
  throw new AutoscalerError(
    "unknown-policy",
    `The decision log ${name} has no decision of policy "${policy}": it has those of ${policies.join(", ")}`,
  );
}

/** Where there is a choice, which policy it is. */
function headingOf({ policies }: DecisionLogFile, policy: string): string {
  return policies.length > 1 ? `policy ${policy}\n` : "";
}

function unknownName(
  kind: Kind,
  name: string,
  { log, name: ofLog }: OpenedLog,
  policy: string,
  { at }: ExplainOptions,
): AutoscalerError {
  const all = () => log.records(policy, Number.POSITIVE_INFINITY);
  if (at !== undefined && EXPLAIN[kind](all(), name)) {
    return new AutoscalerError(
      "unknown-name",
      `The decision log ${ofLog} does not know ${kind} "${name}" by then, only later: give a later --at`,
    );
  }
  const near = nearestNames(name, namesInLog(all(), kind));
  const advice =
    near.length > 0 ? `did you mean ${near.map((each) => `"${each}"`).join(" or ")}?` : NOT_THERE[kind];
  return new AutoscalerError(
    "unknown-name",
    `The decision log ${ofLog} has no ${kind} "${name}": ${advice}`,
    {
      data: { near },
    },
  );
}

const NOT_THERE: Readonly<Record<Kind, string>> = {
  pod: "write it as NAMESPACE/NAME; a pod that found room at once was never decided about",
  node: "give the name of a node, or the id of its instance",
  launch: "explain launch --list has the keys of all launches",
};

function jsonOf(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

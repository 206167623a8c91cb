import type { TickRecord } from "../../record/tick-record.ts";
import { launchesOf } from "../decision.ts";
import type { Explanation } from "../explanation.ts";

/** The names by which the records know pods, nodes (and their instances) or launches. */
export function namesInLog(records: Iterable<TickRecord>, kind: Explanation["kind"]): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (some: readonly (string | null)[]) => {
    for (const name of some) if (name !== null) names.add(name);
  };
  for (const record of records) add(NAMES[kind](record));
  return names;
}

const NAMES: Readonly<Record<Explanation["kind"], (record: TickRecord) => readonly (string | null)[]>> = {
  pod: ({ demand, bound = [], effects }) => [
    ...demand.flatMap(({ pods }) => pods),
    ...bound.map(({ pod }) => pod),
    ...effects.map((each) => (each.kind === "EvictPod" ? `${each.namespace}/${each.name}` : null)),
  ],
  node: ({ nodes, bound = [], instances = {}, effects, outcomes }) => [
    ...[...nodes, ...bound].map(({ node }) => node),
    ...Object.values(instances),
    ...effects.flatMap((each) =>
      each.kind === "TerminateInstances" ? each.instances.flatMap(({ id, node }) => [id, node]) : [],
    ),
    ...effects.map((each) => ("node" in each ? each.node : null)),
    ...outcomes.flatMap(({ launch }) => launch?.launched.map(({ id }) => id) ?? []),
  ],
  launch: (record) => launchesOf(record).map(({ key }) => key),
};

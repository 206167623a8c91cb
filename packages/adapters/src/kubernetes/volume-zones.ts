import type { Labels, NodeSelector, Requirement } from "@gpu-autoscaler/core";
import { NONE } from "./empty.ts";

const ZONE = "topology.kubernetes.io/zone";
const REGION = "topology.kubernetes.io/region";
/** What a volume may still bear, and the label that nodes bear today. */
const TODAY: Readonly<Record<string, string>> = {
  "failure-domain.beta.kubernetes.io/zone": ZONE,
  "failure-domain.beta.kubernetes.io/region": REGION,
  [ZONE]: ZONE,
  [REGION]: REGION,
};

/**
 * What the zone and region labels of a volume demand of a node, as the plugin VolumeZone has it:
 * one of their values, which are joined by "__"; a node without any such label passes.
 */
export function zoneLabelTopologies(labels: Labels): readonly NodeSelector[] {
  const topologies: NodeSelector[] = [];
  for (const [key, today] of Object.entries(TODAY)) {
    const value = labels[key];
    if (value === undefined) continue;
    const values = value.split("__");
    const old: Requirement[] = key === today ? [] : [{ key, operator: "DoesNotExist", values: NONE }];
    topologies.push([
      term({ key, operator: "In", values }),
      ...(key === today ? [] : [term(...old, { key: today, operator: "In", values })]),
      term(
        ...Object.keys(TODAY).map(
          (each): Requirement => ({ key: each, operator: "DoesNotExist", values: NONE }),
        ),
      ),
    ]);
  }
  return topologies.length === 0 ? NONE : topologies;
}

function term(...matchExpressions: Requirement[]): NodeSelector[number] {
  return { matchExpressions, matchFields: NONE };
}

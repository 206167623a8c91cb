import type { Plan } from "../model/plan.ts";
import { fnv1a } from "../model/text.ts";

/** Changes when what is decided about pods and nodes, or why, changes. "" when there is nothing to say. */
export function reasonsDigest({ demand, nodes, problems }: Plan): string {
  if (demand.length === 0 && nodes.length === 0 && problems.length === 0) return "";
  return fnv1a(JSON.stringify([demand, nodes, problems]));
}

import type { Plan } from "../model/plan.ts";
import { fnv1a } from "../model/text.ts";

/** Changes when what is decided about pods and nodes, or why, changes. */
export function reasonsDigest({ demand, nodes, problems }: Plan): string {
  return fnv1a(JSON.stringify([demand, nodes, problems]));
}

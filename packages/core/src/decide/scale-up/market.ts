import type { Demand } from "../demand.ts";
import type { ExpectedFill } from "./expected-fill.ts";
import type { Limits } from "./limits.ts";
import { NewNodes } from "./new-nodes.ts";
import type { Offerings } from "./offerings.ts";
import type { Placement } from "./placement.ts";
import { Suitability } from "./suitability.ts";

/** What new nodes can be had, and how many. Worked out only when somebody needs one. */
export interface Market {
  readonly offerings: Offerings;
  readonly limits: Limits;
  readonly suitability: Suitability;
  readonly newNodes: NewNodes;
}

export function openMarket(
  offerings: Offerings,
  limits: Limits,
  demand: Demand,
  placement: Placement,
  fill: ExpectedFill,
): Market {
  const suitability = new Suitability(offerings);
  const newNodes = new NewNodes(placement, suitability, limits, fill, demand.groups);
  return { offerings, limits, suitability, newNodes };
}

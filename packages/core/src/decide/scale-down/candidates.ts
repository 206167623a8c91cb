import { compareText } from "../../model/text.ts";
import type { Fleet } from "../fleet.ts";
import type { Machine, ManagedInstance } from "../machines.ts";

/** A node that may go. */
export interface Candidate {
  readonly machine: Machine;
  readonly managed: ManagedInstance;
}

/** By what the node costs, then by its name. */
export function dearestFirst({ pricing }: Fleet) {
  const price = ({ managed }: Candidate) =>
    pricing.ofInstance(managed.group, managed.zone, managed.instanceType);
  return (a: Candidate, b: Candidate) => price(b) - price(a) || compareText(a.machine.name, b.machine.name);
}

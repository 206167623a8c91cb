import { type NodeSpace, SECOND_MS, ZONE_LABEL } from "@gpu-autoscaler/core";
import type { Availability } from "./availability.ts";
import type { Offering } from "./catalog.ts";
import { type Cluster, isActive, type Machine, nameOf } from "./cluster.ts";
import type { InFlightClaim } from "./launcher.ts";
import { emptyClaim, join, optionsWith, type SimulatedClaim } from "./node-claims.ts";
import type { PodKind, PodRecord } from "./pod-records.ts";

/** A node that is there or was launched already. */
export interface Target {
  readonly space: NodeSpace;
  readonly machine: Machine | null;
  readonly claim: InFlightClaim | null;
  readonly initialized: boolean;
}

export interface SimulationInput {
  readonly cluster: Cluster;
  readonly targets: readonly Target[];
  readonly availability: Availability;
  readonly pods: readonly PodRecord[];
  /** It is of no use when more new nodes are needed: then it stops. No limit when left out. */
  readonly mostClaims?: number;
  /** Whether the pod may not go there: set by consolidation. */
  readonly isBarred?: (pod: PodRecord, target: Target) => boolean;
}

export interface SimulationResult {
  readonly placed: ReadonlyMap<PodRecord, Target>;
  readonly claims: readonly SimulatedClaim[];
  /** Pods for which there is neither room nor an offering. */
  readonly failed: readonly PodRecord[];
}

/** Existing nodes in the order in which they are tried: initialized ones first, then by name (core, scheduler.go, sortExistingNodes). */
export function targetsOf(cluster: Cluster, claims: readonly InFlightClaim[]): readonly Target[] {
  const targets: Target[] = [];
  for (const machine of cluster.machines.values()) {
    if (isActive(machine) && machine.space) {
      targets.push({ space: machine.space, machine, claim: null, initialized: machine.initialized });
    }
  }
  targets.sort((a, b) => Number(b.initialized) - Number(a.initialized) || (nameIn(a) < nameIn(b) ? -1 : 1));
  for (const claim of claims) targets.push({ space: claim.space, machine: null, claim, initialized: false });
  return targets;
}

function nameIn({ machine }: Target): string {
  return machine ? nameOf(machine) : "";
}

/**
 * Solve (core, provisioning/scheduling/scheduler.go): each pod, largest first, goes to the first
 * existing or launched node that it fits on, else to the claim of this simulation with the fewest
 * pods that can take it, else to a new claim of the first NodePool that can. The cluster is left as
 * it was.
 */
export function simulate(input: SimulationInput): SimulationResult {
  const solver: Solver = {
    input,
    placed: new Map(),
    claims: [],
    zones: new Map(),
    firstPossible: new Map(),
    fittings: new Map(),
    hopeless: new Set(),
  };
  let queue = inOrder(input.pods);
  for (;;) {
    const failed = queue.filter((pod) => isOver(solver) || !add(solver, pod));
    // A pod that looks at others may find room once those are placed, as long as some are.
    const again = failed.some(({ kind, zoneGroup }) => kind.looksAtOthers || zoneGroup !== null);
    if (!again || isOver(solver) || failed.length === queue.length) {
      for (const [{ pod }, { space }] of solver.placed) input.cluster.space.displace(pod, space);
      return { placed: solver.placed, claims: solver.claims, failed };
    }
    queue = failed;
  }
}

interface Solver {
  readonly input: SimulationInput;
  readonly placed: Map<PodRecord, Target>;
  readonly claims: SimulatedClaim[];
  /** Where the pods of a zone group have to go, since its first pod went there. */
  readonly zones: Map<string, string>;
  /** Of a kind that looks at no others: no target before this one takes it. */
  readonly firstPossible: Map<PodKind, number>;
  /** Of kinds that look at others: for this simulation alone. */
  readonly fittings: Map<PodKind, readonly boolean[]>;
  /** Kinds that no new node takes. */
  readonly hopeless: Set<PodKind>;
}

function isOver({ claims, input: { mostClaims = Number.POSITIVE_INFINITY } }: Solver): boolean {
  return claims.length > mostClaims;
}

function add(solver: Solver, record: PodRecord): boolean {
  const zone = record.zoneGroup === null ? null : (solver.zones.get(record.zoneGroup) ?? null);
  return (
    addToTarget(solver, record, zone) ||
    addToClaim(solver, record, zone) ||
    addToNewClaim(solver, record, zone)
  );
}

function addToTarget(solver: Solver, record: PodRecord, zone: string | null): boolean {
  const { cluster, targets, isBarred } = solver.input;
  const { kind } = record;
  const isPlain = !kind.looksAtOthers && zone === null && isBarred === undefined;
  for (let i = isPlain ? (solver.firstPossible.get(kind) ?? 0) : 0; i < targets.length; i++) {
    const target = targets[i];
    if (!target || !cluster.space.fits(kind.compiled, target.space)) continue;
    const its = target.space.spec.labels[ZONE_LABEL] ?? "";
    if ((zone !== null && its !== zone) || isBarred?.(record, target)) continue;
    if (isPlain) solver.firstPossible.set(kind, i);
    cluster.space.place(record.pod, target.space);
    solver.placed.set(record, target);
    pinZone(solver, record, its);
    return true;
  }
  if (isPlain) solver.firstPossible.set(kind, targets.length);
  return false;
}

function addToClaim(solver: Solver, record: PodRecord, zone: string | null): boolean {
  const { claims } = solver;
  // A claim that already stands counts other pods than an empty node, so these pods stay apart.
  if (record.kind.looksAtOthers) return false;
  claims.sort((a, b) => a.pods.length - b.pods.length);
  const fitting = fittingOf(solver, record.kind);
  for (const claim of claims) {
    if (claim.refused.has(record.kind)) continue;
    const options = optionsWith(claim, record, fitting, zone);
    if (options.length > 0) {
      joinPinned(solver, claim, record, options);
      return true;
    }
    if (zone === null) claim.refused.add(record.kind);
  }
  return false;
}

function addToNewClaim(solver: Solver, record: PodRecord, zone: string | null): boolean {
  if (solver.hopeless.has(record.kind)) return false;
  const { cluster, availability } = solver.input;
  const fitting = fittingOf(solver, record.kind);
  for (const nodePool of cluster.catalog.nodePools) {
    const claim = emptyClaim(nodePool, availability.of(nodePool));
    const options = optionsWith(claim, record, fitting, zone);
    if (options.length === 0) continue;
    solver.claims.push(claim);
    joinPinned(solver, claim, record, options);
    return true;
  }
  if (zone === null) solver.hopeless.add(record.kind);
  return false;
}

/** A pod that has to share a zone with others narrows its claim to one: that of the cheapest offering. */
function joinPinned(
  solver: Solver,
  claim: SimulatedClaim,
  record: PodRecord,
  options: readonly Offering[],
): void {
  if (record.zoneGroup === null && !record.kind.looksAtOthers) {
    join(claim, record, options);
    return;
  }
  const cheapest = options.reduce((best, each) => (each.price < best.price ? each : best));
  join(
    claim,
    record,
    options.filter(({ zone }) => zone === cheapest.zone),
  );
  pinZone(solver, record, cheapest.zone);
}

function pinZone(solver: Solver, { zoneGroup }: PodRecord, zone: string): void {
  if (zoneGroup !== null) solver.zones.set(zoneGroup, zone);
}

/** Which offerings' new nodes take the kind: by themselves, or among the pods that are there where it looks at others. */
function fittingOf(solver: Solver, kind: PodKind): readonly boolean[] {
  const { catalog, space } = solver.input.cluster;
  if (!kind.looksAtOthers) {
    kind.fitting ??= catalog.offerings.map(
      (offering) => isAllowed(kind, offering) && catalog.space.fits(kind.compiled, offering.node),
    );
    return kind.fitting;
  }
  let fitting = solver.fittings.get(kind);
  if (!fitting) {
    fitting = catalog.offerings.map((offering) => {
      if (!isAllowed(kind, offering)) return false;
      const node = space.addNode(offering.node.spec);
      const fits = space.fits(kind.compiled, node);
      space.removeNode(node);
      return fits;
    });
    solver.fittings.set(kind, fitting);
  }
  return fitting;
}

function isAllowed({ onSpot }: PodKind, { capacityType }: Offering): boolean {
  return onSpot || capacityType !== "spot";
}

/** By cpu, then memory, the largest first; then by the second of their creation, then by uid (core, queue.go). */
function inOrder(pods: readonly PodRecord[]): readonly PodRecord[] {
  return pods.toSorted(({ pod: a }, { pod: b }) => {
    return (
      b.requests.cpuMilli - a.requests.cpuMilli ||
      b.requests.memoryBytes - a.requests.memoryBytes ||
      Math.floor(a.createdAt / SECOND_MS) - Math.floor(b.createdAt / SECOND_MS) ||
      (a.uid < b.uid ? -1 : 1)
    );
  });
}

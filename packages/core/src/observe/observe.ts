import { AutoscalerError } from "../model/errors.ts";
import type { Policy } from "../model/policy.ts";
import type { Freshness, Snapshot } from "../model/snapshot.ts";
import { emptyState } from "../model/state.ts";
import type { EpochMs } from "../model/units.ts";
import type { ClusterObjects, Ports, Reading } from "../ports/ports.ts";
import { measurementsOfNodes } from "./measured-nodes.ts";

export interface Observed {
  readonly snapshot: Snapshot;
  /** The version of the state that was read: the precondition of writing it. 0 for none. */
  readonly stateVersion: number;
}

type Eyes = Pick<
  Ports,
  "clusterReader" | "capacityReader" | "gpuMetrics" | "priceList" | "interruptionFeed" | "stateStore"
>;

/**
 * Reads everything once, side by side. A part that cannot be read is empty and says what is wrong;
 * only without the state is there no snapshot: throws what its port throws, or `state-format`.
 */
export async function observe(ports: Eyes, policy: Policy, now: EpochMs): Promise<Observed> {
  const [stored, cluster, groups, measurements, prices, interruptions] = await Promise.all([
    ports.stateStore.load(policy.cluster),
    attempt(() => ports.clusterReader.readCluster(), NO_OBJECTS),
    attempt(() => ports.capacityReader.readGroups(), { at: 0, groups: [] }),
    attempt(() => ports.gpuMetrics.readMeasurements(), { at: 0, measurements: [] }),
    attempt(() => ports.priceList.readPrices(), { at: 0, prices: { onDemand: {}, spot: {} } }),
    attempt(() => ports.interruptionFeed.readInterruptions(), { at: 0, interruptions: [] }),
  ]);
  const state = stored?.state ?? emptyState(policy.cluster);
  if (state.format !== 1 || state.cluster !== policy.cluster) {
    throw new AutoscalerError(
      "state-format",
      `the stored state of cluster ${policy.cluster} has format ${state.format} of cluster ${state.cluster}: deploy the version that wrote it, or remove the item`,
    );
  }
  const { nodes, pods, gonePods, daemonSets, namespaces, budgets, budgetsProblem = null } = cluster.value;
  const measured = measurementsOfNodes(measurements.value.measurements, nodes);
  // Their gaps are told once, with the pods.
  const objects = { value: { at: cluster.value.at }, problem: cluster.problem };
  return {
    stateVersion: stored?.version ?? 0,
    snapshot: {
      cluster: policy.cluster,
      freshness: {
        nodes: freshness(objects, now),
        pods: freshness(cluster, now),
        budgets: freshness({ ...objects, problem: cluster.problem ?? budgetsProblem }, now),
        groups: freshness(groups, now),
        prices: freshness(prices, now),
        measurements: freshness(
          { ...measurements, value: { ...measurements.value, gaps: measured.gaps } },
          now,
        ),
        interruptions: freshness(interruptions, now),
      },
      nodes,
      pods,
      ...(gonePods && { gonePods }),
      daemonSets,
      namespaces,
      budgets,
      groups: groups.value.groups,
      prices: prices.value.prices,
      measurements: measured.measurements,
      interruptions: interruptions.value.interruptions,
      state,
    },
  };
}

const NO_OBJECTS: ClusterObjects = {
  at: 0,
  nodes: [],
  pods: [],
  daemonSets: [],
  namespaces: {},
  budgets: [],
};

interface Attempt<T> {
  readonly value: T;
  readonly problem: string | null;
}

/** Errors that ports raise on purpose make a part unreadable; others are faults of the program and are thrown. */
async function attempt<T>(read: () => Promise<T>, otherwise: T): Promise<Attempt<T>> {
  try {
    return { value: await read(), problem: null };
  } catch (error) {
    if (error instanceof AutoscalerError) return { value: otherwise, problem: error.message };
    throw error;
  }
}

function freshness({ value, problem }: Attempt<Reading>, now: EpochMs): Freshness {
  const at = problem === null ? Math.min(value.at, now) : 0;
  return value.gaps && value.gaps.length > 0 ? { at, problem, gaps: value.gaps } : { at, problem };
}

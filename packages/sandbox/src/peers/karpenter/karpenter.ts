import {
  type DemandDecision,
  type Effect,
  type EpochMs,
  formatBytes,
  formatMilli,
  type Plan,
  reason,
  type Snapshot,
} from "@gpu-autoscaler/core";
import type { Peer } from "../peer.ts";
import { type Availability, availabilityOf, forgetRested } from "./availability.ts";
import { syncGroups, syncNodes } from "./cluster.ts";
import { syncPods } from "./cluster-pods.ts";
import { advanceCommands } from "./commands.ts";
import { DEFAULT_SETTINGS, type KarpenterSettings, TICK_MS } from "./constants.ts";
import { disrupt } from "./disruption.ts";
import { handleInterruptions } from "./interruption.ts";
import { settleLaunches } from "./launcher.ts";
import { provision, renewNominations } from "./provisioner.ts";
import { createState, type Karpenter, type Look } from "./state.ts";
import { terminate } from "./termination.ts";

/**
 * Karpenter v1 with the AWS provider, by its documented defaults: docs/peers/karpenter.md tells what
 * is modelled. One object plays one run.
 */
export function createKarpenter(settings: Partial<KarpenterSettings> = {}): Peer {
  let state: Karpenter | null = null;
  let last: Plan | null = null;
  return {
    name: "karpenter",
    tickMs: TICK_MS,
    decide(snapshot, policy, now) {
      // A launch lacked capacity: it is the same look, and what was refused shows at the next one.
      if (last?.decidedAt === now) {
        last = { ...last, effects: last.effects.filter(({ kind }) => kind !== "LaunchInstances") };
        return last;
      }
      if (Object.values(snapshot.freshness).some(({ problem }) => problem !== null)) {
        return planOf(snapshot, now, [], now + TICK_MS, []);
      }
      state ??= createState(snapshot, policy, { ...DEFAULT_SETTINGS, ...settings }, now);
      last = lookAt(state, snapshot, now);
      return last;
    },
  };
}

function lookAt(state: Karpenter, snapshot: Snapshot, now: EpochMs): Plan {
  let reconsiderAt = Number.POSITIVE_INFINITY;
  let availability: Availability | null = null;
  const effects: Effect[] = [];
  const look: Look = {
    now,
    snapshot,
    effects,
    get availability() {
      const { cluster, unavailable, policy } = state;
      availability ??= availabilityOf(cluster.catalog, unavailable, snapshot.groups, policy);
      return availability;
    },
    reconsider(at) {
      if (at > now && at < reconsiderAt) reconsiderAt = at;
    },
  };
  renewNominations(state, now);
  takeUp(state, look);
  handleInterruptions(state, look);
  settleLaunches(state, look);
  advanceCommands(state, look);
  provision(state, look);
  disrupt(state, look);
  terminate(state, look);
  return planOf(snapshot, now, effects, reconsiderAt, demandOf(state));
}

/** Brings what is held in memory up to the snapshot. */
function takeUp({ cluster, records, provisioning, unavailable }: Karpenter, { snapshot, now }: Look): void {
  forgetRested(unavailable, now);
  cluster.newcomers.length = 0;
  const { groups, nodes, pods } = snapshot;
  const hasChanged = groups !== cluster.groups || nodes !== cluster.nodes || pods !== cluster.podList;
  if (!hasChanged) return;
  cluster.version += 1;
  if (groups !== cluster.groups) syncGroups(cluster, groups, now);
  if (nodes !== cluster.nodes) syncNodes(cluster, nodes, now);
  if (pods === cluster.podList) return;
  for (const { pod } of syncPods(cluster, records, pods, now)) {
    provisioning.triggers.set(pod.uid, pod.unschedulableSince ?? now);
  }
}

function planOf(
  { cluster, state }: Snapshot,
  decidedAt: EpochMs,
  effects: readonly Effect[],
  reconsiderAt: EpochMs,
  demand: readonly DemandDecision[],
): Plan {
  return { cluster, decidedAt, effects, demand, nodes: [], problems: [], state, reconsiderAt };
}

/** Pods for which the last run found neither room nor an offering, by kind. */
function demandOf({ provisioning, cluster }: Karpenter): readonly DemandDecision[] {
  const failed = provisioning.failed.filter((record) => cluster.pending.has(record));
  if (failed.length === 0) return [];
  return [...Map.groupBy(failed, ({ kind }) => kind)].map(([{ compiled, fitting }, records]) => {
    const { cpuMilli, memoryBytes, extended } = compiled.spec.requests;
    const others = Object.entries(extended).map(([name, count]) => `${count} ${name}`);
    const isFeasible = fitting?.some((fits) => fits) ?? true;
    return {
      pods: records.map(({ pod }) => `${pod.namespace}/${pod.name}`),
      asksFor: [...others, `${formatMilli(cpuMilli)} cpu`, formatBytes(memoryBytes)].join(", "),
      gang: null,
      outcomes: [
        {
          count: records.length,
          reason: reason(isFeasible ? "NoCapacityLeft" : "NoFeasibleGroup"),
          effect: null,
        },
      ],
      rejected: [],
    };
  });
}

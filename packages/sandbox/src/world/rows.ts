import type { Pod } from "@gpu-autoscaler/core";
import type { PodRow } from "../load/pod-row.ts";
import { createFeasibility, type Infeasibility } from "./feasibility.ts";
import type { WorldOptions } from "./options.ts";
import { createPod } from "./pods.ts";
import type { GangState, GroupState, PodState, RowState, WorldState } from "./state.ts";
import { podOfRow, workloadOfRow } from "./workloads.ts";

/** A row with the pod that it asks for. */
interface PreparedRow {
  readonly state: RowState;
  readonly template: Pod;
  /** `namespace/gang`, or null. */
  readonly gang: string | null;
}

/** What became of a row. */
export interface RowOutcome {
  readonly row: PodRow;
  /** Running and waiting rows are unfinished when the run ends. */
  readonly status: RowState["status"];
  /** `namespace/name` of the pod that waits or runs for it; null before and after. */
  readonly pod: string | null;
  /** All time that its pods were pending, until now. */
  readonly waitMs: number;
  readonly infeasible: Infeasibility | null;
}

/**
 * The rows' pods, and which of them no pool can ever take: what a row asks for, or what its gang
 * asks for in all. A gang of which one pod can't run is infeasible as a whole.
 */
export function prepareRows(options: WorldOptions, groups: Iterable<GroupState>): PreparedRow[] {
  const rows = options.rows ?? [];
  const feasibility = createFeasibility(options, groups);
  const gangs = Map.groupBy(
    rows.filter((row) => row.gang !== null),
    gangKey,
  );
  const templates = new Map(
    rows.map((row) => [row, podOfRow(options, row, gangs.get(gangKey(row))?.length ?? 1)]),
  );

  const verdicts = new Map<string, Infeasibility | null>();
  for (const [key, members] of gangs) {
    const pods = members.flatMap((row) => templates.get(row) ?? []);
    const single = pods.map((pod) => feasibility.of(pod)).find((verdict) => verdict !== null);
    verdicts.set(key, single ?? feasibility.ofGang(pods));
  }
  return [...templates].map(([row, template]) => {
    const gang = row.gang === null ? null : gangKey(row);
    const infeasible = gang === null ? feasibility.of(template) : (verdicts.get(gang) ?? null);
    return { state: { row, infeasible, status: "coming", waitMs: 0, endedAt: null }, template, gang };
  });
}

/** Lets each row's pod come in its time. Infeasible ones come too: a policy has to live with them. */
export function scheduleRows(world: WorldState, rows: readonly PreparedRow[]): void {
  for (const { state, template, gang } of rows) {
    if (state.infeasible === null) {
      world.openRows += 1;
      world.comingRows += 1;
    }
    const workload = workloadOfRow(
      world.seed,
      template,
      state,
      gang === null ? null : gangState(world, gang),
    );
    world.events.schedule(world.startAt + state.row.submitMs, () => {
      if (state.infeasible === null) {
        world.comingRows -= 1;
        world.progressAt = world.events.now;
      }
      createPod(world, workload);
    });
  }
}

export function gangState({ gangs }: WorldState, key: string): GangState {
  let gang = gangs.get(key);
  if (!gang) {
    gang = { members: [] };
    gangs.set(key, gang);
  }
  return gang;
}

export function outcomesOf(world: WorldState): RowOutcome[] {
  const current = new Map<RowState, PodState>();
  for (const pod of world.pods.values()) {
    if (pod.workload.row && pod.pod.deletedAt === null) current.set(pod.workload.row, pod);
  }
  return world.rows.map((state) => {
    const { row, status, waitMs, infeasible } = state;
    const its = current.get(state);
    const pendingMs = its && its.startedAt === null ? world.events.now - its.pod.createdAt : 0;
    const pod = its ? `${its.pod.namespace}/${its.pod.name}` : null;
    return { row, status, pod, waitMs: waitMs + pendingMs, infeasible };
  });
}

function gangKey(row: PodRow): string {
  return `${row.namespace}/${row.gang}`;
}

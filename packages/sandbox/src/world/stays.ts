import { type EpochMs, gpuParts, type Sharing } from "@gpu-autoscaler/core";
import type { PodState, WorldState } from "./state.ts";

/** One GPU pod's time in the cluster. A workload whose pod was replaced has one for each of its pods. */
export interface PodStay {
  readonly namespace: string;
  /** false for the pod of a row that no pool can ever take. */
  readonly feasible: boolean;
  /** The instance that it was bound to last; null where it had none, or a node without one. */
  readonly instanceId: string | null;
  readonly createdAt: EpochMs;
  /** From when on it ran and held its GPUs; null where it never did. */
  readonly startedAt: EpochMs | null;
  /** When it was gone, or the run was over. */
  readonly endedAt: EpochMs;
  /** What it asks for and, while it runs, holds: `parts` of GPUs that have `perGpu` parts each. */
  readonly parts: number;
  readonly perGpu: number;
  /** How busy it keeps what it holds, in thousandths. */
  readonly busyMilli: number;
}

/** Books a pod that is gone. */
export function bookStay(world: WorldState, state: PodState): void {
  const stay = stayOf(world, state);
  if (stay) world.account.stays.push(stay);
}

/** Of every GPU pod so far, those that are there as if the run ended now: in the order in which they went. */
export function staysOf(world: WorldState): PodStay[] {
  const present = [...world.pods.values()].flatMap((state) => stayOf(world, state) ?? []);
  return [...world.account.stays, ...present];
}

function stayOf(world: WorldState, { pod, node, startedAt, workload }: PodState): PodStay | null {
  const share = shareOf(world, node?.sharing ?? null, pod.requests.extended);
  if (!share) return null;
  return {
    namespace: pod.namespace,
    feasible: !workload.row || workload.row.infeasible === null,
    instanceId: node?.instance?.view.id ?? null,
    createdAt: pod.createdAt,
    startedAt,
    endedAt: world.events.now,
    ...share,
    busyMilli: workload.busyMilli,
  };
}

/** By the layout of the node; of a pod without one, by the first pool's that has what it asks for. null for no GPU. */
function shareOf(
  { options }: WorldState,
  sharing: Sharing | null,
  extended: Readonly<Record<string, number>>,
): Pick<PodStay, "parts" | "perGpu"> | null {
  const layouts = sharing ? [sharing] : options.pools.map((pool) => pool.sharing);
  for (const layout of layouts) {
    let [parts, perGpu] = [0, 0];
    for (const resource in extended) {
      const part = gpuParts(layout, resource);
      if (!part) continue;
      parts += (extended[resource] ?? 0) * part.parts;
      perGpu = part.perGpu;
    }
    if (parts > 0) return { parts, perGpu };
  }
  return null;
}

import {
  CLASS_LABEL,
  expectedGpuResources,
  GANG_ANNOTATION,
  GANG_SIZE_ANNOTATION,
  GPU,
  GPU_MODEL_LABEL,
  isGpuResource,
  type Labels,
  MOVABLE_ANNOTATION,
  type NodeSelector,
  type Pod,
  PRIORITY_LABEL,
  type Toleration,
} from "@gpu-autoscaler/core";
import { gpuRequest, layoutFor } from "../load/gpu-request.ts";
import type { PodRow } from "../load/pod-row.ts";
import { BUSY_MILLI, PRIORITY_VALUE } from "./constants.ts";
import type { WorldOptions } from "./options.ts";
import { randomFor } from "./random.ts";
import type { GangState, RowState, Workload } from "./state.ts";
import { UNBORN } from "./unborn-pod.ts";

/**
 * The pod that a row asks for: of a Job of its own (training, batch; one Job for a gang) or of a
 * Deployment's ReplicaSet (serving). A trace says nothing of tolerations: its pods tolerate what
 * the pools' nodes are tainted with.
 */
export function podOfRow(options: WorldOptions, row: PodRow, gangSize: number): Pod {
  const { pools, anyGpuModel = false } = options;
  const layout = layoutFor(
    row,
    pools.map((pool) => pool.sharing),
  );
  const extended = gpuRequest(row, layout) ?? { [GPU]: row.gpus };
  return {
    namespace: row.namespace,
    name: row.name,
    ...UNBORN,
    labels: { [CLASS_LABEL]: row.class, [PRIORITY_LABEL]: row.priority },
    annotations: { ...gangAnnotations(row, gangSize), ...movableAnnotation(row) },
    priority: PRIORITY_VALUE[row.priority],
    requests: {
      cpuMilli: row.cpuMilli,
      memoryBytes: row.memoryBytes,
      ephemeralStorageBytes: 0,
      pods: 1,
      extended,
    },
    nodeSelector: {},
    nodeAffinity: anyGpuModel ? null : affinityTo(row.gpuModels),
    tolerations: tolerationsOf(options),
    podAffinity: [],
    podAntiAffinity: [],
    topologySpread: [],
    hostPorts: [],
    volumeTopologies: [],
    owner: ownerOf(row),
  };
}

/** An evicted serving pod loses nothing but the wait: its owner lets it be moved. */
function movableAnnotation({ class: workloadClass, gang }: PodRow): Labels {
  return workloadClass === "serving" && gang === null ? { [MOVABLE_ANNOTATION]: "true" } : {};
}

export function workloadOfRow(seed: number, template: Pod, row: RowState, gang: GangState | null): Workload {
  const { class: workloadClass, durationMs, name } = row.row;
  const serving = workloadClass === "serving";
  const workload: Workload = {
    template,
    row,
    replaced: serving ? "resumes" : "starts-over",
    busyMilli: serving
      ? randomFor(seed, "busy", name).integer(BUSY_MILLI.servingFrom, BUSY_MILLI.servingTo)
      : BUSY_MILLI[workloadClass],
    remainingMs: durationMs,
    gang,
    attempts: 0,
    current: null,
  };
  gang?.members.push(workload);
  return workload;
}

function gangAnnotations({ gang }: PodRow, gangSize: number): Labels {
  return gang === null ? {} : { [GANG_ANNOTATION]: gang, [GANG_SIZE_ANNOTATION]: String(gangSize) };
}

function ownerOf({ class: workloadClass, gang, name, namespace }: PodRow): Pod["owner"] {
  const kind = workloadClass === "serving" ? "ReplicaSet" : "Job";
  const owner = gang ?? name;
  return { kind, name: owner, uid: `${kind.toLowerCase()}-${namespace}-${owner}` };
}

function affinityTo(gpuModels: readonly string[]): NodeSelector | null {
  if (gpuModels.length === 0) return null;
  return [
    { matchExpressions: [{ key: GPU_MODEL_LABEL, operator: "In", values: gpuModels }], matchFields: [] },
  ];
}

/** The ExtendedResourceToleration admission plugin's, and one for each taint of the pools. */
function tolerationsOf({ pools }: WorldOptions): readonly Toleration[] {
  const keys = new Set<string>();
  for (const pool of pools) {
    for (const resource of Object.keys(expectedGpuResources(pool.sharing, 1))) {
      if (isGpuResource(resource)) keys.add(resource);
    }
    for (const taint of pool.taints) keys.add(taint.key);
  }
  return [...keys].map((key) => ({ key, operator: "Exists", value: "", effect: "" }));
}

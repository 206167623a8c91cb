import { expectedGpuResources, GPU, gpuParts, type Sharing } from "@gpu-autoscaler/core";
import { type PodRow, WHOLE_GPU_MILLI } from "./pod-row.ts";

/** More than this share of a GPU takes a whole one. */
const LARGEST_SHARE_MILLI = 500;

const WHOLE: Sharing = { kind: "whole" };

type GpuDemand = Pick<PodRow, "gpus" | "gpuMilli">;

/**
 * The extended resources that a pod asks for under a sharing layout: its share of a GPU rounded up
 * to whole replicas, slices or GPUs, and more than half a GPU takes a whole one. Under MIG mixed it
 * is the smallest profile that covers the share; null where the layout has none.
 */
export function gpuRequest(row: GpuDemand, sharing: Sharing): Readonly<Record<string, number>> | null {
  const shareMilli = row.gpuMilli > LARGEST_SHARE_MILLI ? WHOLE_GPU_MILLI : row.gpuMilli;
  if (sharing.kind === "mig" && sharing.strategy === "mixed") {
    const slice = smallestSlice(sharing, shareMilli);
    return slice === null ? null : { [slice]: row.gpus };
  }
  // Replicas of a time-sliced GPU, or slices of one MIG profile: all of a GPU's are alike.
  const [resource, perGpu] = Object.entries(expectedGpuResources(sharing, 1))[0] ?? [GPU, 1];
  return { [resource]: row.gpus * Math.ceil((shareMilli * perGpu) / WHOLE_GPU_MILLI) };
}

/**
 * Under which of the pools' layouts a pod asks for its GPUs, as its author would have chosen: whole
 * GPUs from a pool of whole ones, a share where it rounds up to the least. Ties go to the earlier
 * pool. A pod that no layout can serve asks for whole GPUs, and is infeasible.
 */
export function layoutFor(row: GpuDemand, layouts: readonly Sharing[]): Sharing {
  let best: Sharing = WHOLE;
  let leastHeld = Number.POSITIVE_INFINITY;
  for (const sharing of layouts) {
    const request = gpuRequest(row, sharing);
    if (!request) continue;
    // A pod that needs the GPU for itself has it for sure only where GPUs are not shared.
    const shared = sharing.kind === "whole" ? 0 : 1;
    const held = heldMilli(request, sharing) + shared;
    if (held < leastHeld) [best, leastHeld] = [sharing, held];
  }
  return best;
}

/** The resource of the smallest MIG slice that holds the share, or null. */
function smallestSlice(sharing: Sharing, shareMilli: number): string | null {
  let best: string | null = null;
  let leastMilli = Number.POSITIVE_INFINITY;
  for (const resource of Object.keys(expectedGpuResources(sharing, 1)).sort()) {
    const milli = heldMilli({ [resource]: 1 }, sharing);
    if (milli >= shareMilli && milli < leastMilli) [best, leastMilli] = [resource, milli];
  }
  return best;
}

function heldMilli(request: Readonly<Record<string, number>>, sharing: Sharing): number {
  let milli = 0;
  for (const [resource, count] of Object.entries(request)) {
    const part = gpuParts(sharing, resource);
    if (part) milli += (count * part.parts * WHOLE_GPU_MILLI) / part.perGpu;
  }
  return milli;
}

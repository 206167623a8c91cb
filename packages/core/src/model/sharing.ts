/**
 * The sharing layout of a pool's GPUs: one model from which follow the resources that a node is
 * expected to offer, and what share of a GPU a pod holds, for fit, upcoming nodes, utilization
 * and cost alike.
 *
 * Sources: NVIDIA k8s-device-plugin README, "Shared Access to GPUs" (renameByDefault gives
 * `nvidia.com/gpu.shared`) and its MIG strategies (single keeps `nvidia.com/gpu`, mixed gives
 * `nvidia.com/mig-<profile>`).
 */
export type Sharing =
  | { readonly kind: "whole" }
  | { readonly kind: "time-slicing"; readonly replicas: number; readonly renamed: boolean }
  | {
      readonly kind: "mig";
      readonly strategy: "single" | "mixed";
      /** How many slices of each profile ("1g.10gb") every GPU is cut into; one profile when single. */
      readonly profiles: Readonly<Record<string, number>>;
    };

export const GPU = "nvidia.com/gpu";
export const SHARED_GPU = "nvidia.com/gpu.shared";

/**
 * The extended resources that a node with `gpus` physical GPUs offers when all is well:
 * its *expected number*.
 */
export function expectedGpuResources(sharing: Sharing, gpus: number): Record<string, number> {
  switch (sharing.kind) {
    case "whole":
      return { [GPU]: gpus };
    case "time-slicing":
      return { [sharing.renamed ? SHARED_GPU : GPU]: gpus * sharing.replicas };
    case "mig": {
      const resources: Record<string, number> = {};
      for (const [profile, perGpu] of Object.entries(sharing.profiles)) {
        const name = sharing.strategy === "single" ? GPU : `nvidia.com/mig-${profile}`;
        resources[name] = (resources[name] ?? 0) + gpus * perGpu;
      }
      return resources;
    }
  }
}

/**
 * What a layout makes of one unit of a resource: `parts` of the `perGpu` parts of a GPU, so that
 * shares add up without rounding. 1 of 1 for a whole GPU, 1 of 4 for one of four replicas, 2 of 7
 * for a `2g.…` slice where profiles of seven compute slices are cut. null: not a GPU resource of
 * this layout.
 *
 * A MIG slice weighs its compute slices (the number before `g`) over those that the layout cuts
 * in all, so that a GPU that is wholly handed out is wholly held.
 */
export function gpuParts(sharing: Sharing, resource: string): { parts: number; perGpu: number } | null {
  switch (sharing.kind) {
    case "whole":
      return resource === GPU ? { parts: 1, perGpu: 1 } : null;
    case "time-slicing":
      return resource === (sharing.renamed ? SHARED_GPU : GPU)
        ? { parts: 1, perGpu: sharing.replicas }
        : null;
    case "mig": {
      let parts = 0;
      let perGpu = 0;
      for (const profile in sharing.profiles) {
        const slices = computeSlices(profile);
        perGpu += slices * (sharing.profiles[profile] ?? 0);
        const name = sharing.strategy === "single" ? GPU : `nvidia.com/mig-${profile}`;
        if (name === resource && parts === 0) parts = slices;
      }
      return parts === 0 ? null : { parts, perGpu };
    }
  }
}

/** How many GPUs these extended resources hold under the layout: 0.25 for one of four replicas. */
export function gpusHeld(sharing: Sharing, extended: Readonly<Record<string, number>>): number {
  let gpus = 0;
  for (const name in extended) {
    const parts = gpuParts(sharing, name);
    if (parts) gpus += ((extended[name] ?? 0) * parts.parts) / parts.perGpu;
  }
  return gpus;
}

/** The compute slices of a MIG profile: 3 of "3g.40gb". */
function computeSlices(profile: string): number {
  return Number.parseInt(profile, 10) || 1;
}

import { isGpuResource, type Resources } from "../model/resources.ts";

/** The GPU resources that are asked for, by name. */
export function askedGpus({ extended }: Resources): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(extended).filter(([resource, count]) => isGpuResource(resource) && count > 0),
  );
}

/** "8 nvidia.com/gpu, 88 cpu, 320 Gi"; empty without GPUs. */
export function askedText(requests: Resources): string {
  const gpus = Object.entries(askedGpus(requests)).map(([resource, count]) => `${count} ${resource}`);
  if (gpus.length === 0) return "";
  const gibibytes = Math.round((requests.memoryBytes / 2 ** 30) * 100) / 100;
  return [...gpus, `${requests.cpuMilli / 1000} cpu`, `${gibibytes} Gi`].join(", ");
}

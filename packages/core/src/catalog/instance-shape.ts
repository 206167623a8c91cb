import type { InstanceShape } from "../model/pool.ts";
import { INSTANCE_TYPES } from "./instance-table.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** The root volume that node groups are given: container images of GPU frameworks are large. */
export const ROOT_VOLUME_BYTES = 100 * GIB;

/** An instance type as EC2 sells it. */
export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryBytes: number;
  /** Physical GPUs; 0 where it has a fraction of one. */
  readonly gpus: number;
  readonly gpuModel: string;
  readonly arch: "amd64" | "arm64";
  readonly maxPods: number;
}

const TYPES: ReadonlyMap<string, InstanceType> = new Map(
  INSTANCE_TYPES.trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [name = "", vcpus, memoryMiB, gpus, gpuModel = "", arch, maxPods] = line.split(/\s+/);
      const type: InstanceType = {
        name,
        vcpus: Number(vcpus),
        memoryBytes: Number(memoryMiB) * MIB,
        gpus: Number(gpus),
        gpuModel,
        arch: arch === "arm64" ? "arm64" : "amd64",
        maxPods: Number(maxPods),
      };
      return [name, type];
    }),
);

/** Every instance type of the catalog, by family and size. */
export const INSTANCE_TYPE_NAMES: readonly string[] = [...TYPES.keys()];

/** The instance type, or null where the catalog does not have it. */
export function instanceType(name: string): InstanceType | null {
  return TYPES.get(name) ?? null;
}

/** What a new node of the instance type has to give, or null where the catalog does not have it. */
export function instanceShape(name: string): InstanceShape | null {
  const type = TYPES.get(name);
  return type ? shapeOf(type) : null;
}

/** What a new node of the instance type has to give, with a root volume of so many bytes. */
export function shapeOf(type: InstanceType, rootVolumeBytes = ROOT_VOLUME_BYTES): InstanceShape {
  return {
    instanceType: type.name,
    gpus: type.gpus,
    gpuModel: type.gpuModel,
    architecture: type.arch,
    allocatable: {
      cpuMilli: type.vcpus * 1000 - reservedCpuMilli(type.vcpus),
      memoryBytes: allocatableMemoryBytes(type),
      ephemeralStorageBytes: allocatableStorageBytes(rootVolumeBytes),
      pods: type.maxPods,
      extended: {},
    },
  };
}

/** Kubelet's reservation on the EKS images: 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest. */
function reservedCpuMilli(vcpus: number): number {
  const rest = Math.max(0, vcpus - 4);
  return (
    60 * Math.min(vcpus, 1) +
    10 * Math.min(Math.max(vcpus - 1, 0), 1) +
    5 * Math.min(Math.max(vcpus - 2, 0), 2) +
    Math.floor(2.5 * rest)
  );
}

/**
 * Memory as the kubelet on the EKS images gives it to pods: less 255 MiB and 11 MiB a pod slot
 * (kube-reserved), less 100 MiB (hard eviction), of what the hypervisor leaves, which Karpenter
 * takes to be 92.5 % (its `VM_MEMORY_OVERHEAD_PERCENT`), on arm64 after 64 MiB for the kernel.
 * Whole MiB, and equal to Karpenter's published allocatable for every type that it lists.
 */
function allocatableMemoryBytes(type: InstanceType): number {
  const memoryMiB = type.memoryBytes / MIB - (type.arch === "arm64" ? 64 : 0);
  return Math.floor((memoryMiB * 925) / 1000 - (255 + 11 * type.maxPods) - 100) * MIB;
}

/** Of the root volume, less 1 GiB (kube-reserved) and a tenth (hard eviction). */
function allocatableStorageBytes(rootVolumeBytes: number): number {
  return rootVolumeBytes - GIB - Math.ceil(rootVolumeBytes / 10);
}

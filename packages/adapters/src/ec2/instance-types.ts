import { DescribeInstanceTypesCommand, type InstanceTypeInfo } from "@aws-sdk/client-ec2";
import {
  AutoscalerError,
  type Clock,
  instanceType as catalogued,
  type EpochMs,
  HOUR_MS,
  type InstanceType,
  MINUTE_MS,
} from "@gpu-autoscaler/core";
import { allPages, chunksOf } from "../aws/pages.ts";
import type { Ec2 } from "./ec2.ts";

/** Instance types as EC2 describes them, else as the catalog does. */
interface InstanceTypes {
  /** null where nobody knows the type. */
  readonly of: (name: string) => InstanceType | null;
  readonly gaps: readonly string[];
}

const AGE_MS = 24 * HOUR_MS;
const RETRY_MS = 5 * MINUTE_MS;
const MOST_PER_CALL = 100;
const MIB = 1024 * 1024;

/** Reads instance types that it was not asked for before, and all of them once a day. */
export function createInstanceTypes(
  ec2: Ec2,
  clock: Clock,
): (names: readonly string[]) => Promise<InstanceTypes> {
  let known = new Map<string, InstanceType | null>();
  let expiresAt: EpochMs = Number.POSITIVE_INFINITY;
  let retryAt: EpochMs = Number.NEGATIVE_INFINITY;
  let failure: string | null = null;

  return async (names) => {
    const now = clock.now();
    const asked = now >= expiresAt ? names : names.filter((name) => !known.has(name));
    if (asked.length > 0 && now >= retryAt) {
      try {
        const read = await readInstanceTypes(ec2, asked);
        if (now >= expiresAt || known.size === 0) expiresAt = now + AGE_MS;
        known = new Map([...known, ...asked.map((name) => [name, read.get(name) ?? null] as const)]);
        failure = null;
      } catch (error) {
        if (!(error instanceof AutoscalerError)) throw error;
        failure = `instance types, which are as last read or as in the shipped catalog: ${error.message}`;
        retryAt = now + RETRY_MS;
      }
    }
    const of = (name: string) => known.get(name) ?? catalogued(name);
    const unknown = names.filter((name) => of(name) === null);
    const gaps = unknown.map(
      (name) => `instance type ${name}: EC2 in this region does not have it; correct instanceTypes`,
    );
    return { of, gaps: failure === null ? gaps : [failure, ...gaps] };
  };
}

/** By filter: a name that EC2 does not know would fail the whole call. */
async function readInstanceTypes(ec2: Ec2, names: readonly string[]): Promise<Map<string, InstanceType>> {
  const read = chunksOf(names, MOST_PER_CALL).map((Values) =>
    allPages(async (NextToken) => {
      const { InstanceTypes: items, NextToken: next } = await ec2.call("DescribeInstanceTypes", (options) =>
        ec2.client.send(
          new DescribeInstanceTypesCommand({
            Filters: [{ Name: "instance-type", Values }],
            MaxResults: MOST_PER_CALL,
            NextToken,
          }),
          options,
        ),
      );
      return { items, next };
    }),
  );
  const types = (await Promise.all(read)).flat().flatMap((info) => readInstanceType(info) ?? []);
  return new Map(types.map((type) => [type.name, type]));
}

/** null where EC2 leaves out what a shape is made of: then the catalog tells. */
function readInstanceType(info: InstanceTypeInfo): InstanceType | null {
  const vcpus = info.VCpuInfo?.DefaultVCpus;
  const memoryMiB = info.MemoryInfo?.SizeInMiB;
  const maxPods = maxPodsOf(info);
  if (info.InstanceType === undefined || !vcpus || !memoryMiB || maxPods === null) return null;
  const gpus = (info.GpuInfo?.Gpus ?? []).filter(({ Manufacturer }) => Manufacturer === "NVIDIA");
  return {
    name: info.InstanceType,
    vcpus,
    memoryBytes: memoryMiB * MIB,
    // 0 where the type has a fraction of one.
    gpus: gpus.reduce((sum, { Count = 0 }) => sum + Count, 0),
    gpuModel: (gpus[0]?.Name ?? "").toLowerCase().replaceAll(" ", "-"),
    arch: info.ProcessorInfo?.SupportedArchitectures?.includes("arm64") ? "arm64" : "amd64",
    maxPods,
  };
}

/**
 * The kubelet's limit with the VPC CNI's defaults: each network interface of the default card has an
 * address of its own and the rest for pods, and two pods use the host's network.
 */
function maxPodsOf({ NetworkInfo }: InstanceTypeInfo): number | null {
  const card = NetworkInfo?.NetworkCards?.[NetworkInfo.DefaultNetworkCardIndex ?? 0];
  const interfaces = card?.MaximumNetworkInterfaces ?? NetworkInfo?.MaximumNetworkInterfaces;
  const addresses = NetworkInfo?.Ipv4AddressesPerInterface;
  return interfaces && addresses ? interfaces * (addresses - 1) + 2 : null;
}

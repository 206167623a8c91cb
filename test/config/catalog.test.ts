import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  catalogDate,
  INSTANCE_TYPE_NAMES,
  instanceShape,
  instanceType,
  onDemandNanoDollarsPerHour,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { dataFolder, NO_DATA } from "../environment.ts";

const MIB = 1024 ** 2;

test("a node of g6.xlarge has one L4, and what the kubelet leaves of 4 vCPUs and 16 GiB", () => {
  expect(instanceShape("g6.xlarge")).toEqual({
    instanceType: "g6.xlarge",
    gpus: 1,
    gpuModel: "l4",
    architecture: "amd64",
    allocatable: {
      cpuMilli: 3_920,
      memoryBytes: 14_162 * MIB,
      ephemeralStorageBytes: 89 * 1024 * MIB,
      pods: 58,
      extended: {},
    },
  });
});

test("prices are whole nano-dollars, by region", () => {
  expect(onDemandNanoDollarsPerHour("g6.xlarge", "us-east-1")).toBe(804_800_000);
  expect(onDemandNanoDollarsPerHour("p4d.24xlarge", "us-east-1")).toBe(21_957_642_000);
  expect(onDemandNanoDollarsPerHour("g6.xlarge", "eu-central-1")).toBe(1_006_400_000);
  expect(catalogDate("us-east-1")).toBe("2026-07-20");
});

test("what the catalog has not is null", () => {
  expect(instanceShape("m5.large")).toBeNull();
  expect(onDemandNanoDollarsPerHour("g6.xlarge", "mars-1")).toBeNull();
  expect(onDemandNanoDollarsPerHour("p6-b200.48xlarge", "eu-west-1")).toBeNull();
});

test("every type's node has something to give", () => {
  for (const name of INSTANCE_TYPE_NAMES) {
    const { cpuMilli, memoryBytes, pods } = instanceShape(name)?.allocatable ?? {
      cpuMilli: 0,
      memoryBytes: 0,
      pods: 0,
    };
    expect([name, cpuMilli > 1_000, memoryBytes > 1024 * MIB, pods > 0]).toEqual([name, true, true, true]);
  }
});

interface PublishedInstance {
  readonly instanceType: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly gpuCount: number;
  readonly gpuName: string;
  readonly architecture: string;
  readonly maxPods: number | null;
  readonly allocatable: { readonly cpu: string; readonly memory: string } | null;
  readonly onDemandUsdPerHour: Readonly<Record<string, number>>;
}

describe("the catalog is the published one", () => {
  function published(skip: (note: string) => never): readonly PublishedInstance[] {
    if (dataFolder === undefined) return skip(NO_DATA);
    const text = readFileSync(join(dataFolder, "aws-gpu-instances.json"), "utf8");
    return JSON.parse(text).instances;
  }

  test("in its types and what they have", ({ skip }) => {
    const instances = published(skip);
    expect(INSTANCE_TYPE_NAMES).toEqual(instances.map((instance) => instance.instanceType));
    for (const {
      instanceType: name,
      vcpus,
      memoryMiB,
      gpuCount,
      gpuName,
      architecture,
      maxPods,
    } of instances) {
      expect(instanceType(name)).toMatchObject({
        vcpus,
        memoryBytes: memoryMiB * MIB,
        gpus: gpuCount,
        gpuModel: gpuName,
        arch: architecture,
        ...(maxPods !== null && { maxPods }),
      });
    }
  });

  test("in what their nodes leave to pods, which is computed", ({ skip }) => {
    for (const { instanceType: name, allocatable } of published(skip)) {
      if (!allocatable) continue;
      const { cpuMilli, memoryBytes } = instanceShape(name)?.allocatable ?? { cpuMilli: 0, memoryBytes: 0 };
      expect([name, `${cpuMilli}m`, `${memoryBytes / MIB}Mi`]).toEqual([
        name,
        allocatable.cpu,
        allocatable.memory,
      ]);
    }
  });

  test("in its prices, to the nano-dollar", ({ skip }) => {
    for (const { instanceType: name, onDemandUsdPerHour } of published(skip)) {
      for (const [region, dollars] of Object.entries(onDemandUsdPerHour)) {
        expect([name, region, onDemandNanoDollarsPerHour(name, region)]).toEqual([
          name,
          region,
          nanoDollars(dollars),
        ]);
      }
    }
  });
});

/** By moving the decimal point of what is written, without a multiplication. */
function nanoDollars(dollars: number): number {
  const [whole = "", decimals = ""] = String(dollars).split(".");
  return Number(whole + decimals.padEnd(9, "0"));
}

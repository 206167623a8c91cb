import { AutoscalerError, MINUTE_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aConfigOfPools, aPool } from "../config/a-config.ts";
import {
  besides,
  doctorOf,
  GROUP,
  OURS,
  other,
  type Planted,
  refused,
  settings,
  withPod,
} from "./a-doctor.ts";

describe("a planted fault is a failure, with the place and the mend; exit status 1", () => {
  test.each<[string, Planted, place: string, told: RegExp]>([
    [
      "another cluster",
      { way: { eksCluster: "staging" } },
      "cluster production",
      /leads to cluster staging.*give --context/,
    ],
    ["no API server", { kubernetes: { version: refused } }, "cluster", /no answer of it: see to the network/],
    [
      "no role in the cluster",
      { kubernetes: { mayGroup: async () => false } },
      "group gpu-autoscaler in Kubernetes",
      /may do nothing.*kubectl apply -f deploy\/rbac.yaml/,
    ],
    [
      "a role without evictions",
      { kubernetes: { mayGroup: async (_, { resource }) => resource !== "pods/eviction" } },
      "group gpu-autoscaler in Kubernetes",
      /may not create pods\/eviction.*rbac.yaml/,
    ],
    [
      "AZRebalance",
      settings({ suspended: ["ReplaceUnhealthy"] }),
      `group ${GROUP}`,
      /AZRebalance is not suspended.*sst deploy/,
    ],
    [
      "ReplaceUnhealthy",
      settings({ suspended: ["AZRebalance"] }),
      `group ${GROUP}`,
      /ReplaceUnhealthy is not suspended/,
    ],
    [
      "capacity rebalancing",
      settings({ rebalancesCapacity: true }),
      `group ${GROUP}`,
      /capacity rebalancing is on/,
    ],
    [
      "no protection",
      settings({ protectsFromScaleIn: false }),
      `group ${GROUP}`,
      /not protected from scale-in/,
    ],
    ["weights", settings({ isWeighted: true }), `group ${GROUP}`, /have weights/],
    [
      "other types",
      settings({ instanceTypes: ["g5.xlarge"] }),
      `group ${GROUP}`,
      /launches g5.xlarge besides, lacks g6.xlarge/,
    ],
    ["a zone less", settings({ zones: ["us-east-1a"] }), `group ${GROUP}`, /has no subnet in us-east-1b/],
    [
      "Spot in its place",
      settings({ distribution: { onDemandBase: 0, onDemandPercentage: 0, spotAllocation: "lowest-price" } }),
      `group ${GROUP}`,
      /is spot, and the configuration has on-demand/,
    ],
    [
      "a launch configuration",
      settings({ launchTemplate: null }),
      `group ${GROUP}`,
      /has no launch template/,
    ],
    [
      "Cluster Autoscaler's discovery tags",
      settings({
        tags: {
          ...OURS,
          "k8s.io/cluster-autoscaler/enabled": "",
          "k8s.io/cluster-autoscaler/production": "owned",
        },
      }),
      `group ${GROUP}`,
      /k8s.io\/cluster-autoscaler\/enabled, k8s.io\/cluster-autoscaler\/production.*two autoscalers.*delete-tags/,
    ],
    [
      "no tag of ours",
      settings({ tags: {} }),
      `group ${GROUP}`,
      /lacks the tag gpu-autoscaler.io\/cluster=production/,
    ],
    [
      "a template that EC2 refuses",
      {
        aws: {
          rehearseLaunch: async () => new AutoscalerError("InvalidAMIID.NotFound", "there is no such image"),
        },
      },
      `group ${GROUP}`,
      /EC2 would not launch by its template: there is no such image.*correct launch template lt-1/,
    ],
    [
      "a denied read",
      {
        aws: {
          tryReads: async () => [
            { action: "ec2:DescribeInstances", error: new AutoscalerError("aws-access-denied", "allow it") },
          ],
        },
      },
      "AWS, by your credentials",
      /ec2:DescribeInstances failed: allow it/,
    ],
    [
      "a type that is offered nowhere",
      { aws: { offeredZones: async () => new Map() } },
      `group ${GROUP}`,
      /g6.xlarge is not offered in us-east-1a, us-east-1b.*correct zones/,
    ],
    [
      "other keys of the table",
      { settings: { sortKey: null } },
      "table state",
      /keys are pk and none, not pk and sk/,
    ],
    [
      "a clock an hour off",
      { aws: { clockAheadMs: async () => 60 * MINUTE_MS } },
      "clock of this machine",
      /1 h ahead of EC2's.*NTP/,
    ],
  ])("%s", async (_, planted, place, told) => {
    const { status, findings } = await doctorOf(planted);
    const failures = findings.filter((each) => each.status === "failure");
    expect(failures.map((each) => each.place)).toEqual([place]);
    expect(failures.map(({ message, mend }) => `${message} → ${mend}`).join()).toMatch(told);
    expect(status).toBe(1);
  });

  test.each([
    ["--nodes", [`--nodes=0:10:${GROUP}`], {}],
    ["--nodes in two words", ["--nodes", `0:10:${GROUP}`], {}],
    ["in one string", [`./cluster-autoscaler --nodes=0:10:${GROUP}`], {}],
    [
      "discovery by tags of its own",
      ["--node-group-auto-discovery=asg:tag=team,stage=prod"],
      { team: "ml", stage: "prod" },
    ],
  ])("a Cluster Autoscaler that scales the same group: %s", async (_, command, tags) => {
    const { pod, kubernetes } = withPod(other("cluster-autoscaler-1"), command);
    const { failures } = await besides(pod, { kubernetes, ...settings({ tags: { ...OURS, ...tags } }) });
    expect(failures).toEqual([
      expect.objectContaining({
        place: "pod kube-system/cluster-autoscaler-1",
        message: `Cluster Autoscaler scales groups of the configuration, too: ${GROUP}`,
      }),
    ]);
  });

  test("a node that lacks a GPU", async () => {
    const config = aConfigOfPools(aPool({ instanceTypes: ["g6.48xlarge"], capacityTypes: ["on-demand"] }));
    const { status, grave, node } = await doctorOf(
      { config },
      { bootFaults: [{ fault: "one-gpu-missing" }] },
    );
    expect(status).toBe(1);
    expect(grave).toContainEqual(
      expect.objectContaining({
        check: "GPU nodes",
        place: `node ${node}`,
        message: "does not serve what pool l4 promises: 7 nvidia.com/gpu, 8 are expected",
      }),
    );
  });

  test("no device plugin, and no node that serves", async () => {
    const { grave } = await doctorOf({}, { daemonSets: [], bootFaults: [{ fault: "gpus-never" }] });
    expect(grave).toContainEqual(
      expect.objectContaining({
        status: "failure",
        place: "NVIDIA's device plugin",
        mend: expect.stringContaining("install it"),
      }),
    );
  });

  test("a device plugin that does not tolerate a pool's taint", async () => {
    const taints = [{ key: "team", value: "ml", effect: "NoSchedule" }];
    const config = aConfigOfPools(aPool({ capacityTypes: ["on-demand"], taints }));
    const { grave } = await doctorOf({ config });
    expect(grave.map(({ status, place, mend }) => [status, place, mend])).toEqual([
      ["failure", "pool l4", "add a toleration for team to the DaemonSet"],
      ["warning", "pool l4", "add a toleration for team to the DaemonSet"],
    ]);
  });
});

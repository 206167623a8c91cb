import { readFileSync } from "node:fs";
import {
  type Config,
  daemonsOf,
  instanceShape,
  nodeTemplate,
  parseConfig,
  policyOf,
  ROOT_VOLUME_BYTES,
} from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { TWO_CLUSTERS } from "../configurations.ts";
import type { Deployed } from "../deployed.ts";
import { allOf, type Graph, inputsOf } from "../graph.ts";
import { ROOT } from "../repository.ts";
import { bottlerocket, nodeConfigIn } from "../user-data.ts";

const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

const templateOf = (graph: Graph, group: string) => inputsOf(graph, TEMPLATE, `${group}-template`);

/** Labels that the kubelet gives its node by itself, or AWS. */
const GIVEN = ["kubernetes.io/arch", "kubernetes.io/os", "node.kubernetes.io/instance-type"];

/** What the planner takes a new node of a group to be. */
function expectedNode(config: Config, groupName: string) {
  for (const { name } of config.clusters) {
    for (const pool of policyOf(config, name).pools) {
      const group = pool.groups.find((each) => each.name === groupName);
      if (!group) continue;
      const shapes = group.instanceTypes.flatMap((type) => instanceShape(type) ?? []);
      return nodeTemplate(pool, group, shapes, {}, daemonsOf({ daemonSets: [], namespaces: {} }));
    }
  }
  return null;
}

export function nodesSuite(deployed: () => Deployed): void {
  test("bear the labels and taints that the planner expects of them, and no kubelet's own", () => {
    const config = parseConfig(TWO_CLUSTERS);
    const templates = allOf(deployed().two, TEMPLATE);
    for (const { name, inputs } of templates) {
      const expected = expectedNode(config, name.replace(/-template$/, ""));
      const { labels, taints } = name.includes("-rock-")
        ? bottlerocket(inputs.userData)
        : nodeConfigIn(inputs.userData);
      const wanted = Object.entries(expected?.labels ?? {}).filter(([key]) => !GIVEN.includes(key));
      expect(labels, name).toMatchObject(Object.fromEntries(wanted));
      expect(taints, name).toEqual(expected?.taints);
      for (const key of GIVEN) expect(labels, name).not.toHaveProperty([key]);
    }
  });

  test("join their cluster by nodeadm", () => {
    const { cluster } = nodeConfigIn(templateOf(deployed().two, "production-l4-spot-4x16").userData);
    expect(cluster).toEqual({
      name: "production",
      apiServerEndpoint: "https://production.eks.example",
      certificateAuthority: Buffer.from("CA of production").toString("base64"),
      cidr: "10.100.0.0/16",
    });
  });

  test("join their cluster by Bottlerocket's settings, which share GPUs as well", () => {
    const { text } = bottlerocket(templateOf(deployed().two, "production-rock-spot-4x8").userData);
    expect(text).toMatchInlineSnapshot(`
      "[settings.kubernetes]
      cluster-name = "production"
      api-server = "https://production.eks.example"
      cluster-certificate = "Q0Egb2YgcHJvZHVjdGlvbg=="
      cluster-dns-ip = "10.100.0.10"

      [settings.kubernetes.node-labels]
      "gpu-autoscaler.io/pool" = "rock"
      "gpu-autoscaler.io/gpu-model" = "t4g"

      [settings.kubernetes.node-taints]
      "nvidia.com/gpu" = [":NoSchedule"]

      [settings.kubelet-device-plugins.nvidia]
      device-sharing-strategy = "time-slicing"

      [settings.kubelet-device-plugins.nvidia.time-slicing]
      replicas = 2
      rename-by-default = false
      "
    `);
  });

  test.each([
    ["production-l4-spot-4x16", { "nvidia.com/device-plugin.config": "whole" }],
    ["production-inference-spot-4x16", { "nvidia.com/device-plugin.config": "time-slicing-4" }],
    [
      "production-h100-on-demand-192x2048",
      { "nvidia.com/device-plugin.config": "mig-single", "nvidia.com/mig.config": "all-1g.10gb" },
    ],
  ])("%s tell the device plugin their sharing layout", (group, layout) => {
    expect(nodeConfigIn(templateOf(deployed().two, group).userData).labels).toMatchObject(layout);
  });

  test.each([
    ["production-l4-spot-4x16", "eks/optimized-ami/1.34/amazon-linux-2023/x86_64/nvidia/recommended"],
    ["production-rock-spot-4x8", "bottlerocket/aws-k8s-1.34-nvidia/arm64/latest"],
  ])("%s boot from EKS's image for their architecture and version", (group, parameter) => {
    expect(templateOf(deployed().two, group).imageId).toBe(`ami-of-/aws/service/${parameter}/image_id`);
  });

  test("have encrypted gp3 disks of the size that the planner counts on, and IMDSv2 out of pods' reach", () => {
    const large = { volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" };
    for (const { name, inputs } of allOf(deployed().two, TEMPLATE)) {
      const device = name.includes("-rock-") ? "/dev/xvdb" : "/dev/xvda";
      expect(inputs.blockDeviceMappings, name).toContainEqual({
        deviceName: device,
        ebs: { ...large, volumeSize: ROOT_VOLUME_BYTES / 1024 ** 3 },
      });
      for (const mapping of [inputs.blockDeviceMappings].flat()) {
        expect(mapping, name).toMatchObject({ ebs: large });
      }
      expect(inputs.metadataOptions, name).toEqual({
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      });
    }
  });

  test("have their cluster's security group, or those of the configuration", () => {
    const { two } = deployed();
    expect(templateOf(two, "production-l4-spot-4x16").vpcSecurityGroupIds).toEqual(["sg-of-production"]);
    expect(templateOf(two, "research-l4-on-demand-4x16").vpcSecurityGroupIds).toEqual(["sg-0cccccccc"]);
  });

  test("are told apart by tags, and so is what comes with them", () => {
    const tags = {
      Name: "production-l4-spot-4x16",
      "kubernetes.io/cluster/production": "owned",
      "gpu-autoscaler.io/cluster": "production",
      "gpu-autoscaler.io/pool": "l4",
    };
    expect(templateOf(deployed().two, "production-l4-spot-4x16").tagSpecifications).toEqual([
      { resourceType: "instance", tags },
      { resourceType: "network-interface", tags },
      { resourceType: "volume", tags },
    ]);
  });

  test("have a role of their own in each cluster that has groups, which lets them in", () => {
    const { two, settled } = deployed();
    const entries = allOf(two, "aws:eks/accessEntry:AccessEntry").map(({ inputs }) => inputs);
    for (const cluster of ["production", "research"]) {
      expect(entries).toContainEqual(
        expect.objectContaining({
          clusterName: cluster,
          type: "EC2_LINUX",
          principalArn: `arn:aws:iam::123456789012:role/gpu-autoscaler-production-${cluster}-node`,
        }),
      );
    }
    expect(allOf(settled, "aws:iam/instanceProfile:InstanceProfile")).toEqual([]);
  });

  test("name layouts that the shipped values of the device plugin have", () => {
    const values = readFileSync(`${ROOT}/deploy/device-plugin-values.yaml`, "utf8");
    const named = allOf(deployed().two, TEMPLATE)
      .filter(({ name }) => !name.includes("-rock-"))
      .map(({ inputs }) => nodeConfigIn(inputs.userData).labels["nvidia.com/device-plugin.config"]);
    expect([...new Set(named)].sort()).toEqual(["mig-single", "time-slicing-4", "whole"]);
    for (const layout of named) expect(values).toContain(`\n    ${layout}: |-\n`);
    for (const part of values.split(/\n {4}(?=[\w-]+: \|-)/)) {
      const [, replicas] = /^time-slicing-(\d+)/.exec(part) ?? [];
      if (replicas !== undefined) expect(part).toMatch(new RegExp(`replicas: ${replicas}$`, "m"));
    }
  });
}

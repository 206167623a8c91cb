import { describe, expect, test } from "vitest";
import { served } from "../wire/acts.ts";
import { onlyGroupOf, policyNamed } from "../wire/cluster.ts";
import type { Wire } from "../wire/wire.ts";
import { type aWorkplace, CHANGES } from "./command.ts";

interface Told {
  readonly status: string;
  readonly check: string;
  readonly place: string;
  readonly message: string;
}

const SYSTEM_PODS = "/api/v1/namespaces/kube-system/pods";
const OTHER = "cluster-autoscaler-0";
const DISCOVERY = "k8s.io/cluster-autoscaler/enabled";

/** `doctor`, on a cluster with planted faults. */
export function doctors(wire: Wire, workIn: typeof aWorkplace): void {
  const { aws, api, table, plane, prometheus } = wire;

  /** A Cluster Autoscaler that looks for groups by their tags. */
  async function otherAutoscaler(): Promise<void> {
    const args = [`--node-group-auto-discovery=asg:tag=${DISCOVERY}`];
    const main = { name: "main", image: "none", command: ["./cluster-autoscaler"], args };
    const metadata = { name: OTHER, labels: { app: "cluster-autoscaler" } };
    await plane.client.create(SYSTEM_PODS, { metadata, spec: { containers: [main] } });
  }

  describe("doctor", () => {
    test("names what was planted, with exit status 1, and changes nothing", async () => {
      const group = onlyGroupOf(policyNamed("sick"));
      const { name, instanceTypes, zones, maxNodes } = group;
      await aws.createGroup({ name, instanceTypes, zones, max: maxNodes, tags: { [DISCOVERY]: "true" } });
      await otherAutoscaler();
      const { run } = await workIn(wire, "sick", group, "administrator");
      aws.resetCalls();
      // Where the machine is busy AWS's double is slow: this is not about that.
      const patient = ["--timeout", "100"];
      const metrics = ["--metrics-url", prometheus.workspaceUrl];
      const { status, stdout, stderr } = await run(
        "doctor",
        "--json",
        "--table",
        table.table,
        ...metrics,
        ...patient,
      );
      await plane.client.delete(`${SYSTEM_PODS}/${OTHER}`, { gracePeriodSeconds: 0 });
      expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
      const findings: Told[] = JSON.parse(stdout).findings;
      const told = (check: string, grave: string) =>
        findings
          .filter((each) => each.check === check && each.status === grave)
          .map(({ message }) => message);
      expect(told("groups", "failure")).toEqual([
        "AZRebalance is not suspended: Auto Scaling ends nodes by itself",
        "ReplaceUnhealthy is not suspended: Auto Scaling ends nodes by itself",
        "lacks the tag gpu-autoscaler.io/cluster=sick: the functions may not change it",
        `bears Cluster Autoscaler's discovery tags (${DISCOVERY}): two autoscalers would scale it`,
      ]);
      expect(told("other autoscalers", "failure")).toEqual([
        `Cluster Autoscaler scales groups of the configuration, too: ${name}`,
      ]);
      expect(told("metrics", "failure")).toEqual([
        expect.stringContaining("aps:QueryMetrics in us-east-1: UnrecognizedClientException"),
      ]);
      expect(told("DaemonSets", "warning")).toEqual([
        expect.stringContaining("no DaemonSet of it is in the cluster, and no node is there"),
        expect.stringContaining("GPU utilization is unknown"),
      ]);
      expect(told("table", "warning")).toEqual([
        "its TTL is off, not on expiresAt: decisions are kept for ever",
      ]);
      expect(told("permissions in Kubernetes", "ok")).toHaveLength(2);
      expect(told("cluster", "ok")).toEqual([expect.stringMatching(/Kubernetes v1\.3\d/)]);
      expect(told("AWS", "failure")).toEqual([]);
      expect(told("clock", "ok")).toHaveLength(1);
      expect([...aws.calls.keys()].filter((call) => CHANGES.test(call))).toEqual(["ec2:RunInstances"]);
      expect(await aws.instancesOf(name)).toEqual([]);
    });

    test("tells of a node that lacks a GPU, and of an API server that lets nobody in", async () => {
      const cluster = await wire.makeCluster("short", { instanceType: "g6.12xlarge" });
      const node = await served(wire, cluster, cluster.startProcess(), "trainer");
      const status = { allocatable: { "nvidia.com/gpu": "3" } };
      await plane.client.patch(`/api/v1/nodes/${node}/status`, { status });
      const { run } = await workIn(wire, "short", cluster.group, "autoscaler");
      const findings: Told[] = JSON.parse((await run("doctor", "--json")).stdout).findings;
      expect(findings).toContainEqual(
        expect.objectContaining({
          place: `node ${node}`,
          message: "is still coming up: 3 nvidia.com/gpu, 4 are expected",
        }),
      );
      api.disturb(() => ({ status: 403, reason: "Forbidden" }));
      const blind = await run("doctor");
      expect(blind.status).toBe(1);
      expect(blind.stdout).toMatch(/FAILURE +cluster: .*it is forbidden/);
      expect(blind.stdout).toMatch(/not checked +GPU nodes: not looked at: /);
    });
  });
}

import type { PoolConfig } from "./configuration.ts";
import type { EksCluster } from "./eks-cluster.ts";
import { nodeLabels } from "./node-labels.ts";

/** What makes an instance a node of the cluster and of the pool, in the way of its image; base64. */
export function userData(cluster: EksCluster, pool: PoolConfig): string {
  const text =
    pool.image === "bottlerocket" ? bottlerocketSettings(cluster, pool) : nodeConfig(cluster, pool);
  return Buffer.from(text).toString("base64");
}

const BOUNDARY = "gpu-autoscaler";

/** A NodeConfig for nodeadm, as EKS's images of Amazon Linux 2023 read it. */
function nodeConfig(cluster: EksCluster, pool: PoolConfig): string {
  const labels = Object.entries(nodeLabels(pool)).map(([key, value]) => `${key}=${value}`);
  const config = {
    apiVersion: "node.eks.aws/v1alpha1",
    kind: "NodeConfig",
    spec: {
      cluster: {
        name: cluster.name,
        apiServerEndpoint: cluster.endpoint,
        certificateAuthority: cluster.certificateAuthority,
        cidr: cluster.serviceCidr,
      },
      kubelet: {
        config: { registerWithTaints: pool.taints },
        flags: [`--node-labels=${labels.join(",")}`],
      },
    },
  };
  return [
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    "",
    `--${BOUNDARY}`,
    "Content-Type: application/node.eks.aws",
    "",
    "---",
    // YAML as JSON.
    JSON.stringify(config, null, 2),
    "",
    `--${BOUNDARY}--`,
    "",
  ].join("\n");
}

/** Bottlerocket's settings, in TOML. Its device plugin shares GPUs by time-slicing itself. */
function bottlerocketSettings(cluster: EksCluster, pool: PoolConfig): string {
  const { timeSlicing } = pool.sharing;
  const taints = Map.groupBy(pool.taints, ({ key }) => key);
  return [
    "[settings.kubernetes]",
    `cluster-name = ${toml(cluster.name)}`,
    `api-server = ${toml(cluster.endpoint)}`,
    `cluster-certificate = ${toml(cluster.certificateAuthority)}`,
    `cluster-dns-ip = ${toml(clusterDnsIp(cluster.serviceCidr))}`,
    "",
    "[settings.kubernetes.node-labels]",
    ...Object.entries(nodeLabels(pool)).map(([key, value]) => `${toml(key)} = ${toml(value)}`),
    "",
    "[settings.kubernetes.node-taints]",
    ...[...taints].map(
      ([key, all]) => `${toml(key)} = ${toml(all.map(({ value, effect }) => `${value}:${effect}`))}`,
    ),
    ...(timeSlicing
      ? [
          "",
          "[settings.kubelet-device-plugins.nvidia]",
          'device-sharing-strategy = "time-slicing"',
          "",
          "[settings.kubelet-device-plugins.nvidia.time-slicing]",
          `replicas = ${timeSlicing.replicas}`,
          `rename-by-default = ${timeSlicing.renameByDefault}`,
        ]
      : []),
    "",
  ].join("\n");
}

/** A string or a list of strings: TOML writes them as JSON does. */
function toml(value: string | readonly string[]): string {
  return JSON.stringify(value);
}

/** EKS's rule: the tenth address of the Services' range. */
function clusterDnsIp(serviceCidr: string): string {
  const [network = ""] = serviceCidr.split("/");
  return network.includes(":") ? `${network.replace(/:+$/, "")}::a` : network.replace(/\d+$/, "10");
}

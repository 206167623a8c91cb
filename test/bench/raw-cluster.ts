import {
  CLASS_LABEL,
  GANG_ANNOTATION,
  GANG_SIZE_ANNOTATION,
  HOSTNAME_LABEL,
  instanceShape,
  type Policy,
  type Pool,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { aPolicy, aPool, ZONES } from "../builders/index.ts";
import {
  type RawCluster,
  type RawObject,
  type RawPod,
  rawDaemonSet,
  rawNode,
  rawPod,
} from "./raw-objects.ts";

/** Whole numbers from `from` to `to`, by the seed. */
type Draw = (from: number, to: number) => number;

function drawBy(seed: number): Draw {
  const generator = xoroshiro128plus(seed);
  return (from, to) => uniformInt(generator, from, to);
}

const TYPES = [
  "g6.xlarge",
  "g6.2xlarge",
  "g6.12xlarge",
  "g6.48xlarge",
  "g5.12xlarge",
  "g5.48xlarge",
  "p4d.24xlarge",
  "p5.48xlarge",
];
const POOLS = 50;
const DAEMONS = ["aws-node", "dcgm-exporter", "nvidia-device-plugin"];

/** 50 pools of eight instance types, On-Demand and Spot; a third tainted for a team, all labelled with one of ten. */
export function benchPolicy(): Policy {
  const pools = Array.from({ length: POOLS }, (_, i): Pool => {
    const type = TYPES[i % TYPES.length] ?? "g6.xlarge";
    return aPool(`pool-${i}`, [type], {
      capacityTypes: ["on-demand", "spot"],
      maxNodes: 10_000,
      group: { maxNodes: 10_000 },
      labels: { team: `team-${i % 10}`, accelerator: type.split(".")[0] ?? "" },
      taints: i % 3 === 0 ? [{ key: "team", value: `team-${i % 10}`, effect: "NoSchedule" }] : [],
    });
  });
  return aPolicy(pools, { scaleUp: { ...aPolicy([]).scaleUp, maxLaunchesPerTick: 10_000 } });
}

/**
 * `nodes` GPU nodes over the pools; 10 pods a node, a tenth of them pending: per node three
 * DaemonSet pods, GPU pods that fill it (a tenth of the nodes keep GPUs free) and small ones.
 * Pending pods come by jobs of 1 to 30, with mixed constraints.
 */
export function rawCluster(policy: Policy, nodes: number, seed = 1): RawCluster {
  const draw = drawBy(seed);
  const rawNodes: RawObject[] = [];
  const rawPods: RawObject[] = [];
  for (let i = 0; i < nodes; i++) {
    const pool = policy.pools[i % policy.pools.length];
    if (!pool) continue;
    const name = `ip-10-${i >> 16}-${(i >> 8) & 255}-${i & 255}.ec2.internal`;
    const group = pool.groups[draw(0, 3) === 0 ? 1 : 0];
    const zone = ZONES[draw(0, 2)] ?? "";
    rawNodes.push(rawNode(pool, group, zone, name, i));
    rawPods.push(...podsOf(pool, name, i, draw));
  }
  rawPods.push(...pendingPods(policy, nodes, draw));
  return {
    nodes: rawNodes,
    pods: rawPods,
    daemonSets: DAEMONS.map(rawDaemonSet),
    budgets: Array.from({ length: 20 }, (_, i) => ({
      metadata: { namespace: `team-${i % 10}`, name: `budget-${i}`, generation: 1 },
      spec: { minAvailable: 1, selector: { matchLabels: { app: `serve-${i}` } } },
      status: { disruptionsAllowed: 1, observedGeneration: 1 },
    })),
  };
}

function podsOf(pool: Pool, node: string, i: number, draw: Draw): RawObject[] {
  const gpus = instanceShape(pool.groups[0]?.instanceTypes[0] ?? "")?.gpus ?? 1;
  const pods = DAEMONS.map((name) =>
    rawPod({
      name: `${name}-${i}`,
      namespace: "kube-system",
      owner: ["DaemonSet", name],
      cpu: "50m",
      memory: "64Mi",
      node,
    }),
  );
  const keepsFree = i % 10 === 0 && gpus > 1 ? draw(1, Math.floor(gpus / 2)) : 0;
  const gpuPods = Math.min(5, gpus);
  for (let p = 0; p < 6; p++) {
    const isGpu = p < gpuPods;
    const share = Math.floor(gpus / gpuPods) + (p < gpus % gpuPods ? 1 : 0);
    const gpu = isGpu ? (p === 0 ? Math.max(0, share - keepsFree) : share) : 0;
    const isServing = draw(0, 2) === 0;
    pods.push(
      rawPod({
        name: `work-${i}-${p}`,
        namespace: `team-${i % 10}`,
        owner: isServing ? ["ReplicaSet", `serve-${i % 20}`] : ["Job", `job-${i}-${p}`],
        labels: isServing ? { app: `serve-${i % 20}` } : { [CLASS_LABEL]: "training" },
        cpu: isGpu ? "500m" : "100m",
        memory: isGpu ? "1Gi" : "128Mi",
        gpu,
        node,
      }),
    );
  }
  return pods;
}

function pendingPods(policy: Policy, count: number, draw: Draw): RawObject[] {
  const pods: RawObject[] = [];
  for (let job = 0; pods.length < count; job++) {
    const size = Math.min(draw(1, 30), count - pods.length);
    const kind = pendingKind(policy, job, size, draw);
    for (let i = 0; i < size; i++) pods.push(rawPod({ ...kind, name: `pending-${job}-${i}` }));
  }
  return pods;
}

/** A tenth spread over zones, a tenth are one a node, a tenth are bound to a zone, a twentieth are gangs, half choose a team's pools. */
function pendingKind(policy: Policy, job: number, size: number, draw: Draw): Omit<RawPod, "name"> {
  const gpu = [1, 1, 1, 2, 4, 8][draw(0, 5)] ?? 1;
  const team = `team-${draw(0, policy.pools.length) % 10}`;
  const labels = {
    app: `pending-${job}`,
    [CLASS_LABEL]: ["training", "batch", "serving"][draw(0, 2)] ?? "batch",
  };
  const dice = draw(0, 19);
  const constraints = constraintsOf(dice, { matchLabels: { app: `pending-${job}` } }, draw);
  return {
    namespace: team,
    owner: ["Job", `pending-${job}`],
    labels,
    ...(dice === 19 && {
      annotations: { [GANG_ANNOTATION]: `gang-${job}`, [GANG_SIZE_ANNOTATION]: String(size) },
    }),
    cpu: `${draw(1, 3) * gpu}`,
    memory: `${draw(1, 3) * gpu * 2}Gi`,
    gpu,
    spec: {
      ...constraints,
      ...(draw(0, 1) === 0 && { nodeSelector: { team } }),
      tolerations: [{ key: "team", operator: "Equal", value: team, effect: "NoSchedule" }],
    },
  };
}

function constraintsOf(dice: number, alike: object, draw: Draw): object {
  if (dice < 2) {
    const spread = { maxSkew: 1, topologyKey: ZONE_LABEL, whenUnsatisfiable: "DoNotSchedule" };
    return { topologySpreadConstraints: [{ ...spread, labelSelector: alike }] };
  }
  if (dice < 4) {
    const term = { topologyKey: HOSTNAME_LABEL, labelSelector: alike };
    return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
  }
  if (dice < 6) {
    const inZone = { key: ZONE_LABEL, operator: "In", values: [ZONES[draw(0, 2)]] };
    const selector = { nodeSelectorTerms: [{ matchExpressions: [inZone] }] };
    return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: selector } } };
  }
  return {};
}

import {
  expectedGpuResources,
  instanceShape,
  isGpuResource,
  listed,
  type Node,
  type Pool,
} from "@gpu-autoscaler/core";
import type { Examined } from "../examined.ts";
import { type Finding, failure, ok, warning } from "../finding.ts";

/** A node of a pool, and what it should serve. */
interface PoolNode {
  readonly node: Node;
  readonly pool: Pool;
  readonly expected: Readonly<Record<string, number>>;
  /** Its time to become one that serves is not over. */
  readonly isYoung: boolean;
}

/** Whether each node of a pool serves the GPUs that its instance type and sharing layout promise. */
export async function checkGpuNodes(of: Examined): Promise<readonly Finding[]> {
  const [{ nodes }, poolNodes] = await Promise.all([of.objects(), poolNodesOf(of)]);
  const wrong = poolNodes.filter(({ node, expected }) => differenceOf(node, expected).length > 0);
  const ours = new Set(poolNodes.map(({ node }) => node.name));
  const others = nodes.filter((node) => !ours.has(node.name) && servedBy(node).length > 0);
  const fine = poolNodes.length - wrong.length;
  return [
    ...wrong.map(wrongFinding),
    ...(wrong.length === 0
      ? [ok("GPU nodes", `${fine} of ${fine} nodes of pools serve the expected GPUs`)]
      : []),
    ...(others.length > 0
      ? [
          warning(
            `nodes ${listed(others.map(({ name }) => name))}`,
            "serve GPUs and are of no group of the configuration: they take pods, and are never ended",
            "adopt their groups, or take them out of service when the pools carry their load",
          ),
        ]
      : []),
  ];
}

export async function poolNodesOf(of: Examined): Promise<readonly PoolNode[]> {
  const [{ nodes }, { groups }] = await Promise.all([of.objects(), of.groups()]);
  const pools = new Map(
    of.policy.pools.flatMap((pool) => pool.groups.map(({ name }) => [name, pool] as const)),
  );
  const byId = new Map(
    groups.flatMap((status) =>
      status.instances.map(
        (instance) => [instance.id, { instance, pool: pools.get(status.name), status }] as const,
      ),
    ),
  );
  return nodes.flatMap((node) => {
    const { instance, pool, status } = byId.get(node.instanceId ?? "") ?? {};
    if (!instance || !pool || !status) return [];
    const shape =
      status.shapes.find(({ instanceType }) => instanceType === instance.instanceType) ??
      instanceShape(instance.instanceType);
    if (!shape) return [];
    const expected = expectedGpuResources(pool.sharing, shape.gpus);
    return [{ node, pool, expected, isYoung: of.now() < instance.launchedAt + pool.provisionTimeoutMs }];
  });
}

function wrongFinding({ node, pool, expected, isYoung }: PoolNode): Finding {
  const place = `node ${node.name}`;
  const differs = differenceOf(node, expected).join(", ");
  if (isYoung) return ok(place, `is still coming up: ${differs}`);
  const served = servedBy(node);
  const isOtherLayout = served.some(([name]) => !(name in expected));
  const mend = isOtherLayout
    ? `let the device plugin's configuration have the sharing of pool ${pool.name}, and replace the node`
    : "look at the device plugin's log and nvidia-smi there; drain the node and let it be replaced";
  return failure(place, `does not serve what pool ${pool.name} promises: ${differs}`, mend);
}

function servedBy({ allocatable }: Node): [string, number][] {
  return Object.entries(allocatable.extended).filter(([name, count]) => isGpuResource(name) && count > 0);
}

/** "7 nvidia.com/gpu, 8 are expected". */
function differenceOf(node: Node, expected: Readonly<Record<string, number>>): string[] {
  const names = new Set([...Object.keys(expected), ...servedBy(node).map(([name]) => name)]);
  return [...names].flatMap((name) => {
    const [count, due] = [node.allocatable.extended[name] ?? 0, expected[name] ?? 0];
    return count === due ? [] : [`${count} ${name}, ${due} ${due === 1 ? "is" : "are"} expected`];
  });
}

import { AutoscalerError } from "../model/errors.ts";
import { INTERRUPTED_TAINT } from "../model/keys.ts";
import type { Node } from "../model/node.ts";
import type { FoundInstance, InterruptionPorts } from "./interruption-ports.ts";

/** Each time another wrote the node between reading and writing it: kubelet and controllers do not so often. */
const MOST_TRIES = 8;

/**
 * Makes the node of an instance unschedulable and taints it as interrupted. Gives its name; null
 * when there is no such node, yet or any more. Throws `node-contended`, and what the API server says.
 */
export async function cordonNode(
  { nodeReader, clusterWriter }: Pick<InterruptionPorts, "nodeReader" | "clusterWriter">,
  instance: FoundInstance,
): Promise<string | null> {
  let detail = "";
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const node = await nodeOf(nodeReader, instance);
    if (node === null) return null;
    if (isCordoned(node)) return node.name;
    const taint = { key: INTERRUPTED_TAINT, value: "true", effect: "NoSchedule" } as const;
    const result = await clusterWriter.cordon(node.name, node.resourceVersion, taint, "SpotInterruption");
    if (result.status === "done") return node.name;
    if (result.status === "gone") return null;
    detail = result.detail;
  }
  throw new AutoscalerError(
    "node-contended",
    `the node of instance ${instance.id} could not be cordoned in ${MOST_TRIES} tries: ${detail}`,
    { retryable: true, data: { instanceId: instance.id } },
  );
}

async function nodeOf(
  nodeReader: InterruptionPorts["nodeReader"],
  { id, nodeNames }: FoundInstance,
): Promise<Node | null> {
  for (const name of nodeNames) {
    const node = await nodeReader.readNode(name);
    if (node?.instanceId === id) return node;
  }
  return null;
}

function isCordoned({ unschedulable, taints }: Node): boolean {
  return unschedulable && taints.some(({ key }) => key === INTERRUPTED_TAINT);
}

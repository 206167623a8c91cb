import { ClusterSpace, compilePod } from "../../packages/core/src/fit/index.ts";
import type { Node } from "../../packages/core/src/model/node.ts";
import type { Labels, Pod } from "../../packages/core/src/model/pod.ts";
import type { Reason } from "../../packages/core/src/model/reason.ts";

/** What keeps the pod off the node, among other nodes and the pods that are placed on any of them. */
export function misfits(
  pod: Pod,
  node: Node,
  { nodes = [], placed = [], namespaces = {} }: Surroundings = {},
): readonly Reason[] {
  const space = new ClusterSpace(namespaces);
  const spaces = [node, ...nodes].map((spec) => space.addNode(spec));
  for (const other of placed) {
    const on = spaces.find(({ spec }) => spec.name === other.nodeName);
    if (!on) throw new Error(`${other.name} is on no node of the test`);
    space.place(other, on);
  }
  const [asked] = spaces;
  if (!asked) throw new Error("there is no node");
  return space.misfits(compilePod(pod), asked);
}

export interface Surroundings {
  readonly nodes?: readonly Node[];
  /** Each says on which node. */
  readonly placed?: readonly Pod[];
  readonly namespaces?: Readonly<Record<string, Labels>>;
}

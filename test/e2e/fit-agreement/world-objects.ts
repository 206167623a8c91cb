import {
  HOST,
  type NodeDraft,
  type PlacedState,
  type PodDraft,
  type Raw,
  type WorldDraft,
} from "./drafts.ts";
import { claimObjects } from "./volumes.ts";
import { nodeName } from "./worlds.ts";

/** A world as it is sent to the API server. */
export interface WorldObjects {
  readonly nodes: readonly Raw[];
  readonly claims: readonly NamedObject[];
  readonly persistentVolumes: readonly NamedObject[];
  readonly placed: readonly PlacedObject[];
  /** Pods without a node: the cases. */
  readonly incoming: readonly NamedObject[];
}

/** What its own calls are made with. */
export interface NamedObject {
  readonly namespace: string;
  readonly name: string;
  readonly object: Raw;
}

export interface PlacedObject extends NamedObject {
  readonly state: PlacedState;
  readonly nodeName: string;
}

/** `prefix` begins the name of every object. */
export function worldObjects(prefix: string, world: WorldDraft): WorldObjects {
  const claims: NamedObject[] = [];
  const persistentVolumes: NamedObject[] = [];
  const podOf = (name: string, draft: PodDraft, nodeName?: string): NamedObject => {
    const { namespace, part } = draft;
    const own = claimObjects(name, namespace, part.claims ?? []);
    claims.push(...own.claims);
    persistentVolumes.push(...own.persistentVolumes);
    return { namespace, name, object: podObject(name, draft, own.podVolumes, nodeName) };
  };
  return {
    nodes: world.nodes.map((draft, index) => nodeObject(nodeName(prefix, index), draft)),
    placed: world.placed.map((draft, index) => {
      const [name, on] = [`${prefix}-placed-${index}`, nodeName(prefix, draft.on)];
      const { state } = draft;
      return { ...podOf(name, draft, state === "nominated" ? undefined : on), state, nodeName: on };
    }),
    incoming: world.incoming.map((draft, index) => podOf(`${prefix}-case-${index}`, draft)),
    claims,
    persistentVolumes,
  };
}

function nodeObject(name: string, { labels, taints, unschedulable, allocatable }: NodeDraft): Raw {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { ...labels, [HOST]: name } },
    spec: { taints, unschedulable },
    status: { allocatable, capacity: allocatable },
  };
}

function podObject(
  name: string,
  { namespace, labels, part }: PodDraft,
  volumes: readonly Raw[],
  nodeName: string | undefined,
): Raw {
  const { spec = {}, affinity, container = {}, moreContainers = [] } = part;
  const containers = [container, ...moreContainers].map((each, index) => ({
    name: `container-${index}`,
    image: "none",
    ...each,
  }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: { ...spec, ...(affinity && { affinity }), containers, volumes, nodeName },
  };
}

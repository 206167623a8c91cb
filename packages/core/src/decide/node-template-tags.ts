import { AutoscalerError } from "../model/errors.ts";
import type { Labels, Taint } from "../model/pod.ts";
import { quantityToMilli, quantityToUnits } from "../quantity.ts";

/** What an Auto Scaling group's tags say of its new nodes, for scale from zero. */
export interface TaggedTemplate {
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly resources: TaggedResources;
  /** Tags that could not be read, each with what is wrong: they say nothing. */
  readonly problems: readonly string[];
}

interface TaggedResources {
  cpuMilli?: number;
  memoryBytes?: number;
  ephemeralStorageBytes?: number;
  pods?: number;
  extended: Record<string, number>;
}

const PREFIX = "k8s.io/cluster-autoscaler/node-template/";
const TAINT = /^(.*):(NoSchedule|PreferNoSchedule|NoExecute)$/;

/**
 * Reads `k8s.io/cluster-autoscaler/node-template/{label,taint,resources}/<key>` tags as Cluster
 * Autoscaler does: a taint's value is `value:effect`, a resource's a Kubernetes quantity.
 */
export function readNodeTemplateTags(tags: Readonly<Record<string, string>>): TaggedTemplate {
  const labels: Record<string, string> = {};
  const taints: Taint[] = [];
  const resources: TaggedResources = { extended: {} };
  const problems: string[] = [];
  for (const name of Object.keys(tags).sort()) {
    if (!name.startsWith(PREFIX)) continue;
    const value = tags[name] ?? "";
    const [kind, ...rest] = name.slice(PREFIX.length).split("/");
    const key = rest.join("/");
    if (kind === "label") labels[key] = value;
    if (kind === "taint") {
      const taint = readTaint(key, value);
      if (taint) taints.push(taint);
      else problems.push(`tag ${name}: "${value}" is not value:effect`);
    }
    if (kind === "resources") {
      const problem = readResource(resources, key, value);
      if (problem) problems.push(`tag ${name}: ${problem}`);
    }
  }
  return { labels, taints, resources, problems };
}

function readTaint(key: string, text: string): Taint | null {
  const [, value = "", effect] = TAINT.exec(text) ?? [];
  return effect === "NoSchedule" || effect === "PreferNoSchedule" || effect === "NoExecute"
    ? { key, value, effect }
    : null;
}

/** Adds the resource; says what is wrong with it, or null. */
function readResource(resources: TaggedResources, name: string, quantity: string): string | null {
  try {
    if (name === "cpu") resources.cpuMilli = quantityToMilli(quantity);
    else if (name === "memory") resources.memoryBytes = quantityToUnits(quantity);
    else if (name === "ephemeral-storage") resources.ephemeralStorageBytes = quantityToUnits(quantity);
    else if (name === "pods") resources.pods = quantityToUnits(quantity);
    else resources.extended[name] = quantityToUnits(quantity);
    return null;
  } catch (error) {
    if (error instanceof AutoscalerError) return error.message;
    throw error;
  }
}

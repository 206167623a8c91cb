import {
  type Labels,
  type Node,
  type Pod,
  type PodDisruptionBudget,
  SAFE_TO_EVICT_ANNOTATION,
  SCALE_DOWN_DISABLED_ANNOTATION,
} from "@gpu-autoscaler/core";
import * as z from "zod";
import { nodeFrom } from "../node.ts";
import { podFrom } from "../pod.ts";
import { readObject } from "../read-object.ts";

/** What stands for objects that cannot be read whole, made of the least that must be right in them. */

const text = z.string().nullish().catch(null);

const brokenNodeSchema = z.object({
  metadata: z.object({ name: z.string(), uid: text, resourceVersion: text, creationTimestamp: text }),
  spec: z.object({ providerID: z.string().nullish() }).nullish(),
});

/**
 * A node that takes no pods and is not removed. Without it its instance would look as if it had
 * never become a node, and be ended. Throws where even its instance cannot be told.
 */
export function brokenNode(raw: unknown): Node {
  const { metadata, spec } = readObject("Node", brokenNodeSchema, raw);
  return nodeFrom({
    metadata: { ...metadata, annotations: { [SCALE_DOWN_DISABLED_ANNOTATION]: "true" } },
    spec: { providerID: spec?.providerID, unschedulable: true },
  });
}

const brokenPodSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), uid: text, creationTimestamp: text }),
  spec: z.object({ nodeName: z.string().nullish() }),
});

/**
 * A pod that asks for nothing and must not be evicted, so that its node stays. Throws where even
 * its node cannot be told.
 */
export function brokenPod(raw: unknown): Pod {
  const { metadata, spec } = readObject("Pod", brokenPodSchema, raw);
  return podFrom({
    metadata: { ...metadata, annotations: { [SAFE_TO_EVICT_ANNOTATION]: "false" } },
    spec: { nodeName: spec.nodeName, containers: [] },
  });
}

const brokenBudgetSchema = z.object({ metadata: z.object({ name: z.string(), namespace: z.string() }) });

/** A budget that lets no pod of its namespace be evicted. */
export function brokenBudget(raw: unknown): PodDisruptionBudget {
  const { metadata } = readObject("PodDisruptionBudget", brokenBudgetSchema, raw);
  return { ...metadata, selector: [], disruptionsAllowed: 0 };
}

/** A namespace without labels, which no selector finds. */
export function brokenNamespace(raw: unknown): NamespaceLabels {
  const { metadata } = readObject("Namespace", z.object({ metadata: z.object({ name: z.string() }) }), raw);
  return { name: metadata.name, labels: {} };
}

export interface NamespaceLabels {
  readonly name: string;
  readonly labels: Labels;
}

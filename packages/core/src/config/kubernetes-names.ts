import * as z from "zod";
import {
  ARCH_LABEL,
  DRAINING_TAINT,
  HOSTNAME_LABEL,
  INSTANCE_TYPE_LABEL,
  INTERRUPTED_TAINT,
  OS_LABEL,
  POOL_LABEL,
  ZONE_LABEL,
} from "../model/keys.ts";
import { mustBe, oneOf, section, text } from "./fields.ts";

/** A name segment of a label or taint key, and a label's value where it is not empty. */
const NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** Whether it is a qualified name, as Kubernetes has it for keys of labels and taints: `[prefix/]name`. */
function isQualifiedName(key: string): boolean {
  const [name = "", prefix, ...rest] = key.split("/").reverse();
  if (rest.length > 0 || !NAME.test(name)) return false;
  return prefix === undefined || (prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix));
}

const QUALIFIED_NAME = 'a label key such as "team" or "example.com/team" (letters, digits, "-", "_", ".")';

/** Labels that the kubelet, EKS or the pool itself sets. */
const SET_BY_OTHERS: readonly string[] = [
  HOSTNAME_LABEL,
  ZONE_LABEL,
  INSTANCE_TYPE_LABEL,
  ARCH_LABEL,
  OS_LABEL,
  POOL_LABEL,
];

/** What is wrong with a label key, or null. */
function labelKeyProblem(key: string): string | null {
  if (!isQualifiedName(key)) return mustBe(QUALIFIED_NAME)({ input: key });
  if (SET_BY_OTHERS.includes(key)) return `the label "${key}" is set on every node already: leave it out`;
  const prefix = key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
  const reserved = /(^|\.)(kubernetes|k8s)\.io$/.test(prefix);
  // NodeRestriction: a kubelet may set these two kinds on its own node, and no other of the project's.
  if (reserved && !/(^|\.)(node|kubelet)\.kubernetes\.io$/.test(prefix)) {
    return `the kubelet may not set the label "${key}": use a prefix of your own, or node.kubernetes.io`;
  }
  return null;
}

/** A label's or taint's value. */
const LabelValue = text(
  /^$|^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
  'a label value: at most 63 letters, digits, "-", "_" or ".", or ""',
);

/** Labels of a pool's nodes. */
export const NodeLabels = z
  .record(z.string(), LabelValue, { error: mustBe('an object of labels such as { team: "vision" }') })
  .check((context) => {
    for (const key of Object.keys(context.value)) {
      const message = labelKeyProblem(key);
      if (message) context.issues.push({ code: "custom", message, input: key, path: [key] });
    }
  });

const TAINT_KEY = 'a taint key such as "nvidia.com/gpu" (letters, digits, "-", "_", ".")';

/** A taint of a pool's nodes, as in Kubernetes. */
export const NodeTaint = section({
  key: z
    .string({ error: mustBe(TAINT_KEY) })
    .refine(isQualifiedName, { error: mustBe(TAINT_KEY) })
    .refine((key) => key !== DRAINING_TAINT && key !== INTERRUPTED_TAINT, {
      error: "is put by gpu-autoscaler on nodes that go: leave it out",
    }),
  value: LabelValue.default(""),
  effect: oneOf(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

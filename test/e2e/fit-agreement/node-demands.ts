import * as fc from "fast-check";
import { type PodPart, type Raw, type Vocabulary, ZONE } from "./drafts.ts";

/** What pods may demand of a node, of a vocabulary that the world shares. */

export const taint: fc.Arbitrary<Raw> = fc.record(
  {
    key: fc.constantFrom("gpu", "nvidia.com/gpu", "dedicated"),
    value: fc.constantFrom("", "x", "true"),
    effect: fc.constantFrom("NoSchedule", "NoSchedule", "NoExecute", "PreferNoSchedule"),
  },
  { requiredKeys: ["key", "effect"] },
);

const toleration: fc.Arbitrary<Raw> = fc.oneof(
  fc.record(
    {
      key: fc.constantFrom("gpu", "nvidia.com/gpu", "dedicated"),
      operator: fc.constant("Exists"),
      effect: fc.constantFrom("NoSchedule", "NoExecute", "PreferNoSchedule"),
    },
    { requiredKeys: ["key", "operator"] },
  ),
  fc.record(
    {
      key: fc.constantFrom("gpu", "nvidia.com/gpu", "dedicated"),
      operator: fc.constant("Equal"),
      value: fc.constantFrom("", "x", "true"),
      effect: fc.constantFrom("NoSchedule", "NoExecute"),
    },
    { requiredKeys: ["key"] },
  ),
  fc.constantFrom<Raw[]>(
    { operator: "Exists" },
    { operator: "Exists", effect: "NoSchedule" },
    { operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 },
  ),
);

export function tolerations({ harsh }: Vocabulary): fc.Arbitrary<PodPart> {
  return fc
    .array(toleration, { maxLength: harsh ? 1 : 4 })
    .map((chosen) => ({ spec: { tolerations: chosen } }));
}

const CORDON = "node.kubernetes.io/unschedulable";
export const toleratingCordons: fc.Arbitrary<PodPart> = fc
  .constantFrom<Raw[]>(
    {},
    {},
    { tolerations: [{ key: CORDON, operator: "Exists", effect: "NoSchedule" }] },
    { tolerations: [{ key: CORDON }] },
    { tolerations: [{ operator: "Exists" }] },
    { tolerations: [{ key: CORDON, operator: "Exists", effect: "NoExecute" }] },
    { tolerations: [{ key: CORDON, operator: "Equal", value: "x" }] },
  )
  .map((spec) => ({ spec }));

export const nodeSelectors: fc.Arbitrary<PodPart> = fc
  .constantFrom<Raw[]>(
    {},
    {},
    {},
    { rack: "r1" },
    { rack: "r2" },
    { [ZONE]: "a" },
    { [ZONE]: "b" },
    { [ZONE]: "a", rack: "r1" },
    { gpus: "8" },
    { gpus: "" },
    // No node has it, though every JavaScript object has something of that name.
    { constructor: "x" },
  )
  .map((nodeSelector) => ({ spec: { nodeSelector } }));

const nodeRequirement: fc.Arbitrary<Raw> = fc.oneof(
  fc.record({
    key: fc.constantFrom(ZONE, "rack", "gpus"),
    operator: fc.constantFrom("In", "NotIn"),
    values: fc.uniqueArray(fc.constantFrom("a", "b", "c", "r1", "r2", "8", "4"), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
  fc.record({ key: fc.constantFrom("rack", "gpus"), operator: fc.constantFrom("Exists", "DoesNotExist") }),
  fc.record({
    key: fc.constantFrom("gpus", "gpus", "rack"),
    operator: fc.constantFrom("Gt", "Lt"),
    values: fc.constantFrom("0", "1", "4", "8").map((value) => [value]),
  }),
);

export function nodeAffinities({ nodeNames }: Vocabulary): fc.Arbitrary<PodPart> {
  const named = fc.record({
    key: fc.constant("metadata.name"),
    operator: fc.constantFrom("In", "NotIn"),
    values: fc.constantFrom("nowhere", ...nodeNames).map((name) => [name]),
  });
  return fc
    .array(
      fc.record({
        matchExpressions: fc.array(nodeRequirement, { maxLength: 2 }),
        matchFields: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, fc.array(named, { maxLength: 1 })),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((nodeSelectorTerms) => ({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
    }));
}

function portOf({ harsh }: Vocabulary): fc.Arbitrary<Raw> {
  return fc
    .record({
      hostPort: harsh ? fc.constantFrom(80, 443) : fc.constantFrom(80, 80, 443),
      protocol: harsh ? fc.constant("TCP") : fc.constantFrom("TCP", "TCP", "TCP", "TCP", "UDP", "SCTP"),
      hostIP: harsh
        ? fc.constantFrom(undefined, undefined, "0.0.0.0", "10.0.0.1")
        : fc.constantFrom(undefined, undefined, undefined, "0.0.0.0", "0.0.0.0", "127.0.0.1", "::"),
    })
    .map((chosen) => ({ ...chosen, containerPort: chosen.hostPort }));
}

export function hostPorts(vocabulary: Vocabulary, most: number): fc.Arbitrary<PodPart> {
  const ports = fc.uniqueArray(portOf(vocabulary), {
    minLength: 1,
    maxLength: most,
    // The API server refuses two of a kind.
    selector: ({ hostPort, protocol }) => `${hostPort} ${protocol}`,
  });
  return fc
    .tuple(ports, fc.constantFrom("container", "container", "init", "sidecar", "network"))
    .map(([chosen, of]) => {
      if (of === "container") return { container: { ports: chosen } };
      if (of === "network") {
        const onHost = chosen.map(({ hostIP: _, hostPort: __, ...rest }) => rest);
        return { spec: { hostNetwork: true }, container: { ports: onHost } };
      }
      const init = { name: "init", image: "none", ports: chosen };
      return { spec: { initContainers: [of === "init" ? init : { ...init, restartPolicy: "Always" }] } };
    });
}

export const gates: fc.Arbitrary<PodPart> = fc
  .constantFrom<Raw[]>({}, { schedulingGates: [{ name: "example.com/quota" }] })
  .map((spec) => ({ spec }));

import * as fc from "fast-check";
import { GPU, type PodPart, type Raw } from "./drafts.ts";

/** Resources that only some nodes have. */
const EXTENDED = [
  GPU,
  "nvidia.com/gpu.shared",
  "nvidia.com/mig-1g.10gb",
  "example.com/fpga",
  "hugepages-2Mi",
];

/** Written in the ways that people write them. */
const cpu = fc.constantFrom("100m", "0.25", "500m", "1", "1500m", "2", "2.5", "4", "8");
const memory = fc.constantFrom("128Mi", "1Gi", "1G", "1.5Gi", "2147483648", "3e9", "4Gi", "6Gi", "8Gi");
const storage = fc.constantFrom("1Gi", "5G", "10Gi", "20Gi");

export const smallNode: fc.Arbitrary<Raw> = fc
  .record({
    cpu: fc.constantFrom("1", "2", "3920m", "4", "8", "15890m"),
    memory: fc.constantFrom("2Gi", "4Gi", "7.5Gi", "14832Mi", "16Gi"),
    "ephemeral-storage": fc.constantFrom("10Gi", "20Gi", "50G"),
    pods: fc.constantFrom("2", "3", "8", "29", "110"),
    extended: extendedOf(12),
  })
  .map(({ extended, ...rest }) => ({ ...rest, ...extended }));

/** What keeps no pod off. */
export const LARGE_NODE: Raw = { cpu: "1k", memory: "1Ti", "ephemeral-storage": "1Ti", pods: "1k" };

/** Some of the extended resources, up to so many of each. */
function extendedOf(most: number): fc.Arbitrary<Raw> {
  return fc
    .record(Object.fromEntries(EXTENDED.map((name) => [name, fc.nat({ max: most })])), {
      requiredKeys: [GPU],
    })
    .map((amounts) =>
      Object.fromEntries(
        Object.entries(amounts).map(([name, amount]) => [
          name,
          name.startsWith("hugepages") ? `${Number(amount) * 2}Mi` : String(amount),
        ]),
      ),
    );
}

/** Of one container: what is asked for by name, in one amount. Extended resources ask for it as limit too. */
export const plainRequests: fc.Arbitrary<PodPart> = fc
  .record({ cpu, memory, "ephemeral-storage": storage, extended: oneExtended(12) }, { requiredKeys: ["cpu"] })
  .map(({ extended = {}, ...requests }) => ({
    container: { resources: { requests: { ...requests, ...extended }, limits: extended } },
  }));

export const extendedRequests: fc.Arbitrary<PodPart> = oneExtended(10).map((extended) => ({
  container: { resources: { requests: { cpu: "100m", ...extended }, limits: extended } },
}));

export const smallRequests: fc.Arbitrary<PodPart> = fc
  .record({
    cpu: fc.constantFrom("0", "100m", "250m", "1"),
    memory: fc.constantFrom("0", "128Mi", "1Gi"),
    extended: oneExtended(2),
  })
  .map(({ extended, ...requests }) => ({
    container: { resources: { requests: { ...requests, ...extended }, limits: extended } },
  }));

function oneExtended(most: number): fc.Arbitrary<Raw> {
  return fc.tuple(fc.constantFrom(GPU, GPU, GPU, ...EXTENDED), fc.nat({ max: most })).map(
    ([name, amount]): Raw => ({
      [name]: name.startsWith("hugepages") ? `${amount * 2}Mi` : String(amount),
    }),
  );
}

interface ContainerDraft {
  /** In quarters of a core and of a GiB. */
  readonly cpu: number;
  readonly memory: number;
  readonly gpus: number;
  /** Whether the amounts stand as limits alone, of which requests follow. */
  readonly asLimits: boolean;
  readonly sidecar: boolean;
}

const containerDraft: fc.Arbitrary<ContainerDraft> = fc.record({
  cpu: fc.nat({ max: 5 }),
  memory: fc.nat({ max: 5 }),
  gpus: fc.constantFrom(0, 0, 1, 2),
  asLimits: fc.boolean(),
  sidecar: fc.boolean(),
});

/** Containers, init containers, sidecars, overhead (by RuntimeClass) and pod-level resources, whose sum decides. */
export const effectiveRequests: fc.Arbitrary<PodPart> = fc
  .record({
    containers: fc.array(containerDraft, { minLength: 1, maxLength: 3 }),
    initContainers: fc.array(containerDraft, { maxLength: 3 }),
    overhead: fc.constantFrom(false, false, true),
    podLevel: fc.option(fc.record({ extra: fc.nat({ max: 4 }), asLimits: fc.boolean() }), { freq: 2 }),
  })
  .map(({ containers, initContainers, overhead, podLevel }) => {
    const all = [...containers, ...initContainers];
    const sum = (amount: (of: ContainerDraft) => number) =>
      all.reduce((total, each) => total + amount(each), podLevel?.extra ?? 0);
    // Pod-level amounts may not be less than those of the containers.
    const level = amounts(sum(({ cpu }) => cpu) || 1, sum(({ memory }) => memory) || 1);
    const [first = {}, ...others] = containers.map(containerOf);
    return {
      container: first,
      moreContainers: others,
      spec: {
        ...(overhead && { runtimeClassName: RUNTIME_CLASS.metadata.name }),
        ...(podLevel && { resources: podLevel.asLimits ? { limits: level } : { requests: level } }),
        initContainers: initContainers.map((draft, index) => ({
          ...containerOf(draft),
          name: `init-${index}`,
          image: "none",
          ...(draft.sidecar && { restartPolicy: "Always" }),
        })),
      },
    };
  });

/** Of which a pod's overhead follows, by admission. */
export const RUNTIME_CLASS = {
  apiVersion: "node.k8s.io/v1",
  kind: "RuntimeClass",
  metadata: { name: "sandboxed" },
  handler: "sandboxed",
  overhead: { podFixed: { cpu: "250m", memory: "160Mi" } },
};

function containerOf({ cpu, memory, gpus, asLimits }: ContainerDraft): Raw {
  const asked = amounts(cpu, memory);
  const extended = gpus > 0 ? { [GPU]: String(gpus) } : {};
  if (asLimits) return { resources: { limits: { ...asked, ...extended } } };
  return { resources: { requests: asked, limits: extended } };
}

function amounts(cpuQuarters: number, memoryQuarters: number): Raw {
  return { cpu: `${cpuQuarters * 250}m`, memory: `${memoryQuarters * 256}Mi` };
}

/** As large as pods of `effectiveRequests` are. */
export const nodeOfAFewCores: fc.Arbitrary<Raw> = fc
  .record({
    cpu: fc.integer({ min: 4, max: 24 }),
    memory: fc.integer({ min: 4, max: 24 }),
    gpus: fc.nat({ max: 6 }),
  })
  .map(({ cpu, memory, gpus }) => ({
    ...amounts(cpu, memory),
    "ephemeral-storage": "100Gi",
    pods: "20",
    [GPU]: String(gpus),
  }));

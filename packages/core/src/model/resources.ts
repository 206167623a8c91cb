/** What a pod asks for and a node has to give, in the units of the program. */
export interface Resources {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  /** Pod slots: 1 in a pod's requests, the kubelet's `maxPods` in a node's allocatable. */
  readonly pods: number;
  /** Extended resources (`nvidia.com/gpu`, `nvidia.com/gpu.shared`, `nvidia.com/mig-…`, hugepages …) by full name. */
  readonly extended: Readonly<Record<string, number>>;
}

/** None: what most pods ask for, one object for all of them. */
export const NO_EXTENDED: Readonly<Record<string, number>> = Object.freeze({});

export const NO_RESOURCES: Resources = Object.freeze({
  cpuMilli: 0,
  memoryBytes: 0,
  ephemeralStorageBytes: 0,
  pods: 0,
  extended: NO_EXTENDED,
});

export function addResources(a: Resources, b: Resources): Resources {
  return combine(a, b, (x, y) => x + y);
}

/** The larger of the two, resource by resource. */
export function maxResources(a: Resources, b: Resources): Resources {
  return combine(a, b, Math.max);
}

/** The smaller of the two, resource by resource; a resource that one side lacks is 0. */
export function minResources(a: Resources, b: Resources): Resources {
  return combine(a, b, Math.min);
}

function combine(a: Resources, b: Resources, of: (x: number, y: number) => number): Resources {
  const extended: Record<string, number> = {};
  for (const name of Object.keys(a.extended))
    extended[name] = of(a.extended[name] ?? 0, b.extended[name] ?? 0);
  for (const name of Object.keys(b.extended)) extended[name] ??= of(0, b.extended[name] ?? 0);
  return {
    cpuMilli: of(a.cpuMilli, b.cpuMilli),
    memoryBytes: of(a.memoryBytes, b.memoryBytes),
    ephemeralStorageBytes: of(a.ephemeralStorageBytes, b.ephemeralStorageBytes),
    pods: of(a.pods, b.pods),
    extended,
  };
}

/** Amount by amount. */
export function sameResources(a: Resources, b: Resources): boolean {
  return (
    a.cpuMilli === b.cpuMilli &&
    a.memoryBytes === b.memoryBytes &&
    a.ephemeralStorageBytes === b.ephemeralStorageBytes &&
    a.pods === b.pods &&
    sameMap(a.extended, b.extended)
  );
}

/** Key by key, whatever their order. */
export function sameMap<Value>(
  a: Readonly<Record<string, Value>>,
  b: Readonly<Record<string, Value>>,
): boolean {
  if (a === b) return true;
  let extra = 0;
  for (const key in a) {
    if (entryOf(a, key) !== entryOf(b, key)) return false;
    extra++;
  }
  for (const _ in b) extra--;
  return extra === 0;
}

/**
 * In a loop over the keys of a map, V8 compiles `map[key]` for the one hidden class that it saw, and
 * drops what it compiled whenever another comes: for labels, at every other pod.
 */
function entryOf<Value>(map: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return map[key];
}

/** Whether a resource is a GPU, a replica of a shared GPU, or a MIG slice. */
export function isGpuResource(name: string): boolean {
  return name === "nvidia.com/gpu" || name === "nvidia.com/gpu.shared" || name.startsWith("nvidia.com/mig-");
}

/** The GPU resource that is asked for most, by name where several are equal, and how much of it. */
export function largestGpuRequest({ extended }: Resources): { gpuResource: string; gpuAmount: number } {
  let gpuResource = "";
  let gpuAmount = 0;
  for (const name of Object.keys(extended).sort()) {
    const amount = extended[name] ?? 0;
    if (!isGpuResource(name) || amount <= gpuAmount) continue;
    gpuResource = name;
    gpuAmount = amount;
  }
  return { gpuResource, gpuAmount };
}

/** Whether these requests hold a GPU or a part of one. */
export function asksForGpu({ extended }: Resources): boolean {
  if (extended === NO_EXTENDED) return false;
  for (const name in extended) {
    if ((extended[name] ?? 0) > 0 && isGpuResource(name)) return true;
  }
  return false;
}

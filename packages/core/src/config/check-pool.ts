import { instanceType } from "../catalog/index.ts";
import type { Path } from "./problem.ts";
import type { PartialPool } from "./schema.ts";

export type Report = (path: Path, message: string) => void;

/** What no field of a pool can tell alone. Paths are within the pool. */
export function checkPool(pool: PartialPool, given: ReadonlySet<string>, report: Report): void {
  checkCapacity(pool, given, report);
  checkSizes(pool, report);
  checkInstanceTypes(pool, report);
  checkSharing(pool, report);
}

function checkCapacity(pool: PartialPool, given: ReadonlySet<string>, report: Report): void {
  if (given.has("adopt")) {
    for (const key of ["instanceTypes", "capacityTypes", "capacityReservations", "image"]) {
      if (given.has(key))
        report([key], "goes with groups of its own, and the pool adopts groups: leave out one");
    }
    return;
  }
  if (!given.has("instanceTypes")) {
    report(["instanceTypes"], 'is missing: give instance types such as ["g6.xlarge"], or groups to adopt');
  }
  if (pool.capacityTypes?.length === 0 && pool.capacityReservations?.length === 0) {
    report(["capacityTypes"], 'is empty: give "on-demand" or "spot", or capacityReservations');
  }
  repeated(pool.capacityTypes, (at, value) => report(["capacityTypes", at], `"${value}" is listed twice`));
  pool.capacityReservations?.forEach((reservation, at) => {
    if (pool.instanceTypes && !pool.instanceTypes.includes(reservation.instanceType)) {
      report(
        ["capacityReservations", at, "instanceType"],
        `"${reservation.instanceType}" is none of the pool's instanceTypes: add it there`,
      );
    }
  });
}

function checkSizes(pool: PartialPool, report: Report): void {
  if (pool.minNodes !== undefined && pool.maxNodes !== undefined && pool.minNodes > pool.maxNodes) {
    report(["minNodes"], `${pool.minNodes} is above maxNodes, ${pool.maxNodes}: lower it or raise maxNodes`);
  }
  pool.adopt?.forEach((group, at) => {
    const maxNodes = group.maxNodes ?? pool.maxNodes;
    if (maxNodes !== undefined && group.minNodes > maxNodes) {
      report(["adopt", at, "minNodes"], `${group.minNodes} is above maxNodes, ${maxNodes}`);
    }
  });
}

/** Nodes of a pool must be interchangeable for scheduling. */
function checkInstanceTypes(pool: PartialPool, report: Report): void {
  repeated(pool.instanceTypes, (at, name) => report(["instanceTypes", at], `"${name}" is listed twice`));
  const [firstName, ...others] = pool.instanceTypes ?? [];
  const first = instanceType(firstName ?? "");
  if (!first) return;
  others.forEach((name, at) => {
    const type = instanceType(name);
    if (!type || (type.gpus === first.gpus && type.gpuModel === first.gpuModel)) return;
    const has = `"${name}" has ${type.gpus} ${type.gpuModel}`;
    report(
      ["instanceTypes", at + 1],
      `${has}, "${firstName}" has ${first.gpus} ${first.gpuModel}: a pool is of one GPU model and count, make another pool`,
    );
  });
}

/** GPU models that MIG can cut (NVIDIA MIG User Guide, "Supported GPUs"), by the catalog's names. */
const MIG_MODELS: readonly string[] = ["a100", "h100", "h200", "b200", "b300", "rtx-pro-server-6000"];
const MIG_PROFILE = /^([1-7])g\.\d{1,3}gb(\.me)?$/;
/** Compute slices of a GPU. */
const MIG_SLICES = 7;

function checkSharing(pool: PartialPool, report: Report): void {
  const { timeSlicing, mig } = pool.sharing ?? {};
  if (timeSlicing && mig) report(["sharing"], "is both timeSlicing and mig: leave out one");
  if (!mig) return;
  // Bottlerocket cuts every GPU of a node alike, and takes no two profiles of one.
  if (pool.image === "bottlerocket") {
    report(["image"], '"bottlerocket" goes with whole GPUs or timeSlicing: use "al2023" for mig');
  }

  const profiles = Object.entries(mig.profiles);
  let slices = 0;
  for (const [profile, count] of profiles) {
    const [, compute] = MIG_PROFILE.exec(profile) ?? [];
    if (compute) slices += Number(compute) * count;
    else report(["sharing", "mig", "profiles", profile], 'is no MIG profile such as "1g.10gb"');
  }
  if (profiles.length === 0)
    report(["sharing", "mig", "profiles"], 'is empty: give profiles such as { "1g.10gb": 7 }');
  if (slices > MIG_SLICES) {
    report(
      ["sharing", "mig", "profiles"],
      `cuts ${slices} compute slices out of a GPU, which has ${MIG_SLICES}`,
    );
  }
  if (mig.strategy === "single" && profiles.length > 1) {
    report(["sharing", "mig", "strategy"], '"single" goes with one profile: use "mixed", or one profile');
  }
  for (const [at, name] of (pool.instanceTypes ?? []).entries()) {
    const type = instanceType(name);
    if (type && !MIG_MODELS.includes(type.gpuModel)) {
      report(["instanceTypes", at], `"${name}" has ${type.gpuModel} GPUs, which MIG cannot cut`);
    }
  }
}

/** Tells each value that was listed before. */
export function repeated<T>(values: readonly T[] | undefined, tell: (at: number, value: T) => void): void {
  const seen = new Set<T>();
  for (const [at, value] of (values ?? []).entries()) {
    if (seen.has(value)) tell(at, value);
    seen.add(value);
  }
}

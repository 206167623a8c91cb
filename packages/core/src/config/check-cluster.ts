import { type Report, repeated } from "./check-pool.ts";
import { formatDuration } from "./duration.ts";
import { groupsOf } from "./groups.ts";
import { formatPath } from "./problem.ts";
import type { PartialClusterShell, PartialPool } from "./schema.ts";

/** What of a cluster could be read; its pools stand where the configuration has them. */
export type PartialCluster = Omit<PartialClusterShell, "pools"> & { readonly pools: readonly PartialPool[] };

/** What no part of a cluster can tell alone. Paths are within the cluster. */
export function checkCluster(cluster: PartialCluster, report: Report): void {
  checkZones(cluster, report);
  checkLimits(cluster, report);
  const names = cluster.pools.map(({ name }, at) => name ?? at);
  repeated(names, (at, name) =>
    report(["pools", at, "name"], `"${name}" is the name of another pool: rename one`),
  );
}

function checkZones(cluster: PartialCluster, report: Report): void {
  const { region, zones } = cluster;
  repeated(zones, (at, zone) => report(["zones", at], `"${zone}" is listed twice`));
  zones?.forEach((zone, at) => {
    if (region !== undefined && !isZoneOf(zone, region)) {
      report(["zones", at], `"${zone}" is not in ${region}: name zones of the cluster's region`);
    }
  });
  if (!zones) return;
  for (const [path, zone] of zonesOfPools(cluster.pools)) {
    if (zones.includes(zone)) continue;
    report(
      ["pools", ...path],
      `"${zone}" is none of the cluster's zones (${zones.join(", ")}): add it there`,
    );
  }
}

/** Each zone that a pool names, with where it does. */
function zonesOfPools(pools: readonly PartialPool[]): [path: (string | number)[], zone: string][] {
  return pools.flatMap((pool, at) => [
    ...(pool.zones ?? []).map((zone, i): [(string | number)[], string] => [[at, "zones", i], zone]),
    ...(pool.capacityReservations ?? []).map(({ zone }, i): [(string | number)[], string] => [
      [at, "capacityReservations", i, "zone"],
      zone,
    ]),
    ...(pool.adopt ?? []).flatMap(({ zones }, i) =>
      (zones ?? []).map((zone, j): [(string | number)[], string] => [[at, "adopt", i, "zones", j], zone]),
    ),
  ]);
}

/** A zone is its region and a letter; a local zone has its city between. */
function isZoneOf(zone: string, region: string): boolean {
  return zone.startsWith(region) && /^(-[a-z]{3}-\d+)?[a-z]$/.test(zone.slice(region.length));
}

function checkLimits(cluster: PartialCluster, report: Report): void {
  const most = cluster.limits?.nodes;
  const least = cluster.pools.reduce((sum, pool) => sum + (pool.minNodes ?? 0), 0);
  if (most !== undefined && least > most) {
    report(["limits", "nodes"], `${most} is below what the pools' minNodes add up to, ${least}`);
  }
  const { firstRest, longestRest, forgetAfter } = cluster.capacityErrors ?? {};
  if (firstRest !== undefined && longestRest !== undefined && firstRest > longestRest) {
    report(["capacityErrors", "firstRest"], `is longer than longestRest, ${formatDuration(longestRest)}`);
  }
  if (longestRest !== undefined && forgetAfter !== undefined && longestRest > forgetAfter) {
    report(["capacityErrors", "longestRest"], `is longer than forgetAfter, ${formatDuration(forgetAfter)}`);
  }
}

/** What no cluster can tell alone: names that must differ in the whole configuration. */
export function checkClusters(clusters: readonly PartialCluster[], report: Report): void {
  const names = clusters.map(({ name }, at) => name ?? at);
  repeated(names, (at, name) =>
    report(["clusters", at, "name"], `"${name}" is the name of another cluster: rename one`),
  );

  const owners = new Map<string, string>();
  for (const [c, { name, region, pools }] of clusters.entries()) {
    for (const [p, pool] of pools.entries()) {
      // Pools of one name have been told of already; their groups would only repeat it.
      if (pools.findIndex((other) => other.name === pool.name) < p) continue;
      if (clusters.findIndex((other) => other.name === name) < c) continue;
      for (const group of groupNames(name, pool)) {
        const key = `${region} ${group}`;
        const owner = owners.get(key);
        if (owner) report(["clusters", c, "pools", p], `the group "${group}" is that of ${owner} already`);
        else owners.set(key, formatPath(["clusters", c, "pools", p]));
      }
    }
  }
}

function groupNames(cluster: string | undefined, pool: PartialPool): string[] {
  const { name, capacityTypes, capacityReservations, maxNodes = 0, ...rest } = pool;
  if (cluster === undefined || name === undefined || !capacityTypes || !capacityReservations) return [];
  const groups = groupsOf(
    { name: cluster, zones: [] },
    { ...rest, name, capacityTypes, capacityReservations, maxNodes },
  );
  return groups.map((group) => group.name);
}

import {
  type CapacityReader,
  type Group,
  type GroupStatus,
  instanceShape,
  type Policy,
} from "@gpu-autoscaler/core";

/**
 * Auto Scaling groups as they will be: those of the configuration that do not exist yet are added,
 * empty, with nodes as the catalog has them, so that a plan can be made before anything is deployed.
 * Adopted groups are not ours to make: they stay missing, and are told.
 */
export function withGroupsToCome(reader: CapacityReader, { pools }: Policy): CapacityReader {
  const configured = pools.flatMap(({ groups }) => groups);
  return {
    async readGroups() {
      const read = await reader.readGroups();
      const names = new Set(read.groups.map(({ name }) => name));
      const missing = configured.filter(({ name }) => !names.has(name));
      const toCome = missing.filter(({ adopted }) => !adopted);
      return {
        ...read,
        groups: [...read.groups, ...toCome.map(emptyGroup)],
        gaps: [...(missing.length === configured.length ? [] : (read.gaps ?? [])), ...gapsOf(missing)],
      };
    },
  };
}

function emptyGroup({ name, instanceTypes, maxNodes, capacityType }: Group): GroupStatus {
  return {
    name,
    desired: 0,
    min: 0,
    max: maxNodes,
    instances: [],
    shapes: instanceTypes.flatMap((type) => instanceShape(type) ?? []),
    tags: {},
    // Nobody asked what is left of its reservation: nothing is promised.
    reservedAvailable: capacityType === "reserved" ? 0 : null,
  };
}

function gapsOf(missing: readonly Group[]): string[] {
  const named = (groups: readonly Group[]) => groups.map(({ name }) => name).join(", ");
  const [toCome, adopted] = [missing.filter((each) => !each.adopted), missing.filter((each) => each.adopted)];
  const reserved = toCome.filter(({ capacityType }) => capacityType === "reserved");
  return [
    ...(toCome.length > 0
      ? [
          `Auto Scaling groups that do not exist yet, planned with as they will be deployed: ${named(toCome)}; if they are deployed, correct the region or the account`,
        ]
      : []),
    ...(reserved.length > 0
      ? [`reservations are counted as used up until their groups exist: ${named(reserved)}`]
      : []),
    ...adopted.map(
      ({ name }) =>
        `Auto Scaling has no group ${name}, which a pool adopts: correct autoScalingGroup, the region or the account`,
    ),
  ];
}

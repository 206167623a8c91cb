type Fields = Record<string, unknown>;

/** A pool as it would be written, with changes. `undefined` leaves a key out. */
export function aPool(changes: Fields = {}): Fields {
  return without({ name: "l4", instanceTypes: ["g6.xlarge"], maxNodes: 10, ...changes });
}

/** A cluster with one such pool, with changes. */
export function aCluster(changes: Fields = {}): Fields {
  return without({
    name: "production",
    region: "us-east-1",
    zones: ["us-east-1a", "us-east-1b"],
    pools: [aPool()],
    ...changes,
  });
}

/** A configuration of clusters. */
export function aConfig(...clusters: unknown[]): Fields {
  return { clusters };
}

/** A configuration of one cluster with these pools. */
export function aConfigOfPools(...pools: unknown[]): Fields {
  return aConfig(aCluster({ pools }));
}

function without(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

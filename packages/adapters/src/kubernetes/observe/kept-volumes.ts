import { AutoscalerError } from "@gpu-autoscaler/core";
import type * as z from "zod";
import type { ApiClient } from "../api/api-client.ts";
import { naming, readObject } from "../read-object.ts";
import { resourcesOf } from "../requests.ts";
import { claimSchema, persistentVolumeSchema, type Quantities, storageClassSchema } from "../schemas.ts";
import { NO_VOLUMES, type Volumes, volumesFrom } from "../volumes.ts";
import { entryReader } from "./entries.ts";
import { createKeptList } from "./kept-list.ts";
import { CLAIMS, PERSISTENT_VOLUMES, type Resource, STORAGE_CLASSES } from "./resources.ts";
import { settleAll } from "./settle-all.ts";

/** Claims and the volumes behind them, read only while some object uses claims. */
export interface KeptVolumes {
  /** Never throws what a port may raise: where they cannot be read, who uses claims is told so. */
  update(): Promise<Volumes>;
  gaps(): readonly string[];
}

export function createKeptVolumes(api: ApiClient, listAnewBytes: number): KeptVolumes {
  const keep = <Schema extends z.ZodType>(
    resource: Resource,
    schema: Schema,
    quantitiesOf: (object: z.output<Schema>) => Quantities,
  ) => {
    const read = (raw: unknown) => {
      const object = readObject(resource.kind, schema, raw);
      naming(resource.kind, raw, () => resourcesOf(quantitiesOf(object)));
      return object;
    };
    return createKeptList(api, resource, entryReader(read, leftOut), listAnewBytes);
  };
  const claims = keep(CLAIMS, claimSchema, ({ spec }) => spec.resources?.requests);
  const persistentVolumes = keep(PERSISTENT_VOLUMES, persistentVolumeSchema, ({ spec }) => spec.capacity);
  const storageClasses = keep(STORAGE_CLASSES, storageClassSchema, () => null);
  const lists = [claims, persistentVolumes, storageClasses];
  let madeOf: readonly (readonly unknown[])[] = [];
  let volumes: Volumes = NO_VOLUMES;
  let unreadable: string | null = null;

  return {
    async update() {
      try {
        await settleAll(lists.map((list) => list.update()));
        unreadable = null;
      } catch (error) {
        if (!(error instanceof AutoscalerError)) throw error;
        unreadable = error.message;
        return unreadableVolumes(error.message);
      }
      const items = lists.map((list) => list.items());
      if (items.some((each, i) => each !== madeOf[i])) {
        volumes = volumesFrom({
          claims: claims.items(),
          persistentVolumes: persistentVolumes.items(),
          storageClasses: storageClasses.items(),
        });
        madeOf = items;
      }
      return volumes;
    },
    gaps: () => [...(unreadable === null ? [] : [unreadable]), ...lists.flatMap((list) => list.gaps())],
  };
}

/** A claim or volume that is missing keeps its pod waiting, which is all that could be said of it. */
function leftOut(): null {
  return null;
}

function unreadableVolumes(why: string): Volumes {
  return {
    of: (namespace, name, volumes) =>
      volumes === null || volumes === undefined
        ? NO_VOLUMES.of(namespace, name, null)
        : { topologies: [], problem: `claims cannot be read: ${why}` },
  };
}

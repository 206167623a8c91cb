import type { RawVolume } from "../schemas.ts";
import { NO_VOLUMES, type Volumes } from "../volumes.ts";

/** A pod or a DaemonSet, and the volumes of it that claims stand behind; null for none. */
export interface WithClaims<Item> {
  readonly item: Item;
  readonly claims: readonly RawVolume[] | null;
}

/**
 * Reads an object now, while its volumes are looked into later: claims and volumes change without
 * the objects that use them.
 */
export function withClaims<Item>(from: (raw: unknown, volumes: Volumes) => Item) {
  return (raw: unknown): WithClaims<Item> => {
    let claims: readonly RawVolume[] | null = null;
    const item = from(raw, {
      of(namespace, name, volumes) {
        const claimed = volumes?.filter((volume) => volume.persistentVolumeClaim || volume.ephemeral) ?? [];
        if (claimed.length > 0) claims = claimed;
        return NO_VOLUMES.of(namespace, name, null);
      },
    });
    return { item, claims };
  };
}

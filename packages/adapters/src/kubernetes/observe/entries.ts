import { AutoscalerError } from "@gpu-autoscaler/core";
import * as z from "zod";

/** What was made of one raw object. */
export interface Entry<Item> {
  /** null where nothing could be made of it, and nothing needs to stand for it. */
  readonly item: Item | null;
  /** What is wrong with it; null when all is well. */
  readonly problem: string | null;
}

export type ReadEntry<Item> = (raw: unknown) => Entry<Item>;

/**
 * Reads objects one by one, so that one that cannot be read is named and the others stand.
 * `standIn` makes what must stand for it, so that nothing is done that the whole object might
 * forbid; it throws what makes even that impossible, and then nothing of the kind is read.
 */
export function entryReader<Item>(
  from: (raw: unknown) => Item,
  standIn: (raw: unknown) => Item | null,
): ReadEntry<Item> {
  return (raw) => {
    try {
      return { item: from(raw), problem: null };
    } catch (error) {
      if (!(error instanceof AutoscalerError)) throw error;
      return { item: standIn(raw), problem: error.message };
    }
  };
}

const identitySchema = z.object({
  metadata: z.object({ namespace: z.string().nullish().catch(null), name: z.string().catch("") }),
});

/** "namespace/name"; "/name" where there is no namespace. */
export function keyOf(raw: unknown): string {
  const metadata = identitySchema.safeParse(raw).data?.metadata;
  return `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
}

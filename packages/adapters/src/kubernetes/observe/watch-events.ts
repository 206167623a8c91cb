import * as z from "zod";

const objectSchema = z.object({
  metadata: z.object({
    resourceVersion: z.string().regex(/^\d+$/),
    namespace: z.string().nullish(),
    name: z.string().nullish(),
  }),
});

const eventSchema = z.object({
  type: z.enum(["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]),
  object: z.unknown(),
});

/** One line of a watch. */
export interface WatchEvent {
  readonly type: "changed" | "deleted" | "bookmark";
  readonly version: string;
  readonly object: unknown;
}

/** null for what a watch ends with (ERROR), and for what cannot be read: all must be listed again. */
export function readWatchEvent(line: string): WatchEvent | null {
  const event = eventSchema.safeParse(parsed(line)).data;
  const object = objectSchema.safeParse(event?.object).data;
  if (!event || !object) return null;
  const type = event.type === "BOOKMARK" ? "bookmark" : event.type === "DELETED" ? "deleted" : "changed";
  return { type, version: object.metadata.resourceVersion, object: event.object };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

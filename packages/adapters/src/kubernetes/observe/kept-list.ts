import type { ApiClient } from "../api/api-client.ts";
import { apiError } from "../api/api-errors.ts";
import type { ReadEntry } from "./entries.ts";
import { createKeptObjects, type KeptObjects } from "./kept-objects.ts";
import { currentVersion, listPages } from "./list-pages.ts";
import { isAtLeast } from "./resource-versions.ts";
import { type Resource, watchRequest } from "./resources.ts";
import { readWatchEvent } from "./watch-events.ts";

/** All objects of one kind, kept from tick to tick. */
export interface KeptList<Item> extends Pick<KeptObjects<Item>, "items" | "get" | "gaps"> {
  /**
   * Brings it up to a resourceVersion that is read now: lists once, and from then on reads what
   * changed. Throws what keeps it from that; what was kept stays, and is caught up next time.
   */
  update(): Promise<void>;
  /** What went while the last update looked on, as it was then: what a new list lacks is not told. */
  gone(): readonly Item[];
}

/** Kinds whose list is no longer are listed each time: as cheap, and without the wait for a bookmark. */
export const LIST_ANEW_BYTES = 65_536;

/**
 * A function is frozen between ticks, and a watch that it held open may be dead when it thaws. So
 * each tick opens one, from where the last one ended, and closes it when it has caught up. It has
 * with an event or a bookmark that is as new as `currentVersion`, which was read before. The API
 * server sends a bookmark 2 s before a watch is over (`nextBookmarkTime` of its cacher), so one of
 * 3 s, the shortest that has one, brings it within 2 s if nothing else happens.
 */
const WATCH_SECONDS = 3;
const WATCH_TIMEOUT_MS = 5_000;
/** An API server whose cache stays behind for that many watches is listed from, by quorum. */
const MOST_WATCHES = 2;
const EXPIRED = 410;

export function createKeptList<Item>(
  api: ApiClient,
  resource: Resource,
  read: ReadEntry<Item>,
  listAnewBytes: number,
): KeptList<Item> {
  let objects = createKeptObjects<Item>();
  /** Of which they are; null before they were listed, and when they must be again. */
  let version: string | null = null;
  let listedBytes = 0;
  let gone: Item[] = [];

  async function list(): Promise<void> {
    version = null;
    let listed = createKeptObjects<Item>();
    const whole = await listPages(api, resource, () => {
      listed = createKeptObjects();
      return (items) => {
        for (const raw of items) listed.set(raw, read(raw));
      };
    });
    objects = listed;
    version = whole.version;
    listedBytes = whole.bytes;
  }

  /** What came after `from`: the resourceVersion that it got to, or null where only a list can tell. */
  async function follow(from: string, target: string): Promise<string | null> {
    const request = watchRequest(resource, from, WATCH_SECONDS);
    const answer = await api.watch(request, WATCH_TIMEOUT_MS);
    if (answer.status === EXPIRED) return null;
    if (answer.status !== 200) throw apiError(api.cluster, request, answer);
    for await (const line of answer.lines) {
      const event = readWatchEvent(line);
      if (event === null) return null;
      if (event.type === "changed") objects.set(event.object, read(event.object));
      if (event.type === "deleted") {
        const last = objects.delete(event.object);
        if (last !== null) gone.push(last);
      }
      version = event.version;
      if (isAtLeast(event.version, target)) break;
    }
    return version;
  }

  /** Whether all is now as new as `target`. */
  async function catchUp(from: string, target: string): Promise<boolean> {
    // What is older than what was seen already is a restored backup, or another cluster.
    if (!isAtLeast(target, from)) return false;
    let reached: string | null = from;
    for (let watches = 0; watches < MOST_WATCHES && reached !== null; watches++) {
      if (isAtLeast(reached, target)) return true;
      reached = await follow(reached, target);
    }
    return reached !== null && isAtLeast(reached, target);
  }

  return {
    async update() {
      gone = [];
      const from = listedBytes > listAnewBytes ? version : null;
      if (from !== null && (await catchUp(from, await currentVersion(api, resource)))) return;
      await list();
    },
    items: () => objects.items(),
    get: (key) => objects.get(key),
    gaps: () => objects.gaps(),
    gone: () => gone,
  };
}

import * as z from "zod";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { LISTS, PENDING, podsPath } from "./cluster.ts";
import type { Extender } from "./extender.ts";
import type { NamedObject } from "./world-objects.ts";

/** What kube-scheduler answered about a pod. */
export interface Answer {
  /** The nodes that passed every filter. */
  readonly feasible: ReadonlySet<string>;
  /** What it said of the others. */
  readonly message: string;
}

const pendingPod = z.object({
  metadata: z.object({ name: z.string(), uid: z.string() }),
  status: z.object({
    conditions: z
      .array(
        z.object({
          type: z.string(),
          status: z.string(),
          reason: z.string().optional(),
          message: z.string().optional(),
        }),
      )
      .optional(),
  }),
});

/** What became of each try to schedule a pod: PodScheduled=False tells that there was one. */
export interface Attempts {
  /** By the pod's name: the answer, once there is one. */
  of(name: string): Promise<Answer>;
  stop(): void;
}

export function watchAttempts({ client }: ControlPlane, { feasible }: Extender): Attempts {
  const waiting = new Map<string, PromiseWithResolvers<Answer>>();
  /** By uid: a pod that is asked about again has the name of one that is gone. */
  const judged = new Set<string>();
  const watch = client.watch(`${LISTS.pods}?watch=1&${PENDING}`, ({ type, object }) => {
    if (type !== "ADDED" && type !== "MODIFIED") return;
    const { metadata, status } = pendingPod.parse(object);
    const condition = status.conditions?.find((each) => each.type === "PodScheduled");
    const waiter = waiting.get(metadata.name);
    if (!waiter || condition?.status !== "False" || judged.has(metadata.uid)) return;
    judged.add(metadata.uid);
    const { reason, message = "" } = condition;
    if (reason === "Unschedulable" || reason === "SchedulingGated") {
      waiter.resolve({ feasible: feasible.get(metadata.uid) ?? new Set(), message });
    } else {
      waiter.reject(new Error(`kube-scheduler could not judge pod ${metadata.name}: ${reason}: ${message}`));
    }
  });
  watch.ended.catch((error) => {
    for (const waiter of waiting.values()) waiter.reject(error);
  });
  return {
    of(name) {
      const waiter = Promise.withResolvers<Answer>();
      waiting.set(name, waiter);
      return waiter.promise.finally(() => waiting.delete(name));
    },
    stop: watch.stop,
  };
}

const DEADLINE_MS = 60_000;

/** Makes pods, and waits for the answer about each, by name. Throws when one has none in time. */
export async function ask(
  { client }: ControlPlane,
  attempts: Attempts,
  incoming: readonly NamedObject[],
): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  const tried = incoming.map(async ({ namespace, name, object }) => {
    const answer = attempts.of(name);
    await client.create(podsPath(namespace), object);
    answers.set(name, await answer);
  });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const missing = incoming.filter(({ name }) => !answers.has(name)).map(({ name }) => name);
    late.reject(new Error(`kube-scheduler did not try pods within ${DEADLINE_MS} ms: ${missing.join(", ")}`));
  }, DEADLINE_MS);
  try {
    await Promise.race([Promise.all(tried), late.promise]);
  } finally {
    clearTimeout(timer);
  }
  return answers;
}

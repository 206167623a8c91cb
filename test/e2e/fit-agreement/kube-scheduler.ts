import { setTimeout as sleep } from "node:timers/promises";
import type { RawClusterObjects } from "@gpu-autoscaler/adapters";
import { startControlPlane } from "../control-plane/control-plane.ts";
import { type Answer, ask, watchAttempts } from "./attempts.ts";
import { build, clear, podsPath, prepare, read } from "./cluster.ts";
import { startExtender } from "./extender.ts";
import type { WorldObjects } from "./world-objects.ts";

/** The real kube-scheduler, asked of one world after the other where pods fit. */
export interface KubeScheduler {
  /**
   * Pods whose answer is doubted are asked about a second time: what was created last may not have
   * reached the scheduler when it first answered. Throws when a pod was not judged within a minute,
   * or the API server refuses an object.
   */
  judge(world: WorldObjects, doubtedOf: DoubtedOf): Promise<Judgement>;
  stop(): Promise<void>;
}

/** The names of the pods whose answers are doubted. */
type DoubtedOf = (objects: RawClusterObjects, answers: ReadonlyMap<string, Answer>) => ReadonlySet<string>;

interface Judgement {
  /** The world as the API server served it when it was judged. */
  readonly objects: RawClusterObjects;
  /** Of each pod without a node, by name: the nodes that passed every filter, and what was said of the others. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** How many were asked about again. */
  readonly doubted: number;
}

/** In which the scheduler has surely seen all that is there. */
const SETTLED_MS = 500;

/** Started with its control plane. `missing`: why this machine can have none. */
export async function startKubeScheduler(): Promise<KubeScheduler | { readonly missing: string }> {
  const extender = await startExtender();
  const start = await startControlPlane({
    scheduler: { configuration: extender.configuration },
    apiServerFlags: [
      // Nodes keep the taints that they are given, and volumes go when they are deleted: no controller runs.
      "--disable-admission-plugins=TaintNodesByCondition,StorageObjectInUseProtection",
      "--delete-collection-workers=8",
      "--enable-priority-and-fairness=false",
    ],
  });
  if ("missing" in start) {
    await extender.stop();
    return start;
  }
  const { controlPlane } = start;
  await prepare(controlPlane);
  const attempts = watchAttempts(controlPlane, extender);
  return {
    async judge(world, doubtedOf) {
      await build(controlPlane, attempts, world);
      const answers = await ask(controlPlane, attempts, world.incoming);
      const objects = await read(controlPlane);
      const doubted = doubtedOf(objects, answers);
      if (doubted.size > 0) {
        const again = world.incoming.filter(({ name }) => doubted.has(name));
        for (const { namespace, name } of again) await controlPlane.client.delete(podsPath(namespace, name));
        await sleep(SETTLED_MS);
        for (const [name, answer] of await ask(controlPlane, attempts, again)) answers.set(name, answer);
      }
      await clear(controlPlane, world);
      return { objects, answers, doubted: doubted.size };
    },
    async stop() {
      attempts.stop();
      await controlPlane.stop();
      await extender.stop();
    },
  };
}

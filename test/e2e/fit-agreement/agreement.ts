import * as fc from "fast-check";
import { FAMILIES } from "./families.ts";
import type { KubeScheduler } from "./kube-scheduler.ts";
import { type OurAnswer, ourAnswers } from "./our-answers.ts";
import { agrees, compare, count, describe, type Tally, tallyOf } from "./tally.ts";
import { worldObjects } from "./world-objects.ts";
import { CASES_PER_WORLD, world } from "./worlds.ts";

export interface Agreement {
  readonly seed: number;
  readonly cases: number;
  readonly worlds: number;
  /** Of the largest world. */
  readonly mostNodes: number;
  /** Pods of which kube-scheduler was asked a second time because the answers differed. */
  readonly askedAgain: number;
  readonly seconds: number;
  /** By predicate, or predicates that interact. */
  readonly predicates: Readonly<Record<string, Tally>>;
  /** For people to read: pod, node and both answers. */
  readonly disagreements: readonly string[];
}

/**
 * Holds `fit` and the sandbox's binding against kube-scheduler over so many cases, in turn of each
 * predicate. The same seed gives the same cases.
 */
export async function measureAgreement(
  scheduler: KubeScheduler,
  { cases, seed }: { readonly cases: number; readonly seed: number },
): Promise<Agreement> {
  const startedAt = performance.now();
  const names = Object.keys(FAMILIES);
  const predicates: Record<string, Tally> = Object.fromEntries(names.map((name) => [name, tallyOf()]));
  const disagreements: string[] = [];
  const worlds = Math.ceil(cases / CASES_PER_WORLD);
  let askedAgain = 0;
  let mostNodes = 0;
  for (let index = 0; index < worlds; index += 1) {
    const name = names[index % names.length] ?? "";
    const family = FAMILIES[name];
    const tally = predicates[name];
    if (!family || !tally) continue;
    const prefix = `w${index}`;
    const [draft] = fc.sample(world(family, Math.floor(index / names.length), prefix), {
      numRuns: 1,
      seed: seed + index,
    });
    if (!draft) continue;
    const sent = worldObjects(prefix, draft);
    let ours: ReadonlyMap<string, OurAnswer> = new Map();
    const { objects, answers, doubted } = await scheduler.judge(sent, (served, first) => {
      ours = ourAnswers(served);
      return new Set(
        [...first].flatMap(([pod, answer]) => {
          const our = ours.get(pod);
          return our && !agrees(compare(served, answer, our)) ? [pod] : [];
        }),
      );
    });
    askedAgain += doubted;
    mostNodes = Math.max(mostNodes, sent.nodes.length);
    for (const { name: pod } of sent.incoming) {
      const [theirs, our] = [answers.get(pod), ours.get(pod)];
      if (!theirs || !our) throw new Error(`there is no answer about pod ${pod}`);
      const comparison = compare(objects, theirs, our);
      count(tally, comparison);
      if (!agrees(comparison)) disagreements.push(describe(name, pod, objects, theirs, our, comparison));
    }
  }
  const seconds = Math.round(performance.now() - startedAt) / 1_000;
  return {
    seed,
    cases: worlds * CASES_PER_WORLD,
    worlds,
    mostNodes,
    askedAgain,
    seconds,
    predicates,
    disagreements,
  };
}

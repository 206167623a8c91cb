import { measureAgreement } from "../e2e/fit-agreement/agreement.ts";
import { startKubeScheduler } from "../e2e/fit-agreement/kube-scheduler.ts";

/**
 * Agreement of `fit` and of the sandbox's binding with the real kube-scheduler over 10,000 cases,
 * as JSON on stdout; each disagreement in words on stderr.
 *
 *     node test/bench/fit-agreement.ts [cases] [seed]
 */
const [cases = "10000", seed = "6"] = process.argv.slice(2);
const scheduler = await startKubeScheduler();
if ("missing" in scheduler) throw new Error(scheduler.missing);
try {
  const { disagreements, ...agreement } = await measureAgreement(scheduler, {
    cases: Number(cases),
    seed: Number(seed),
  });
  for (const disagreement of disagreements) process.stderr.write(`${disagreement}\n\n`);
  process.stdout.write(`${JSON.stringify({ ...agreement, disagreements: disagreements.length }, null, 2)}\n`);
} finally {
  await scheduler.stop();
}

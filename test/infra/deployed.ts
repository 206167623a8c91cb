import type { Deploy } from "./synth.ts";

/** What the real `sst deploy` would make of two configurations. */
export interface Deployed {
  /** Two clusters, with pools of every kind, of the stage "production". */
  readonly two: Deploy;
  /** A cluster in which nothing needs to be made, of the stage "trial". */
  readonly settled: Deploy;
}

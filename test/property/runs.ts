/** The same cases in every run of the suite; another seed gives others. */
const SEED = 20_260_101;

/** How many cases a property is tried with. A failure prints its seed and path. */
export function runs(numRuns: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns, seed: SEED };
}

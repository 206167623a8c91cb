import { type RunSpec, SHIPPED } from "./runs.ts";
import { columns, costAndWait, dominates, type Study } from "./study.ts";

const POLICIES = [
  "gpu-autoscaler",
  "karpenter",
  "cluster-autoscaler",
] as const satisfies readonly RunSpec["policy"][];

/** Cost against waiting, for each policy. */
export const frontier: Study = {
  name: "frontier",
  specs: ({ traces }) => traces.flatMap((trace) => POLICIES.map((policy) => specOf(trace, policy))),
  tables: ({ traces }, figuresOf) => [
    {
      caption: "Cost over the bound / mean wait in seconds. Bold: cheaper and quicker than ours.",
      columns: columns(["trace"], POLICIES),
      rows: traces.map((trace) => {
        const ours = figuresOf(specOf(trace, "gpu-autoscaler"));
        return [
          trace,
          ...POLICIES.map((policy) => {
            const run = figuresOf(specOf(trace, policy));
            return dominates(run, ours) ? `**${costAndWait(run)}**` : costAndWait(run);
          }),
        ];
      }),
    },
  ],
};

function specOf(trace: string, policy: RunSpec["policy"]): RunSpec {
  return { ...SHIPPED, trace, policy };
}

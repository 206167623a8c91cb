import { type RunSpec, SHIPPED } from "./runs.ts";
import type { SharedPools } from "./settings.ts";
import { columns, type Study } from "./study.ts";

/** The trace whose pods ask for shares of a GPU. */
const SHARES = "openb-default";

/** What pods that ask for a share may have, besides whole GPUs alone. */
const SHARED: Readonly<Record<string, SharedPools | null>> = {
  "whole alone": null,
  "of every machine, by 2": { replicas: 2, instanceType: null },
  "of every machine, by 4": { replicas: 4, instanceType: null },
  "of g6.4xlarge, by 4": { replicas: 4, instanceType: "g6.4xlarge" },
  "of g6.8xlarge, by 4": { replicas: 4, instanceType: "g6.8xlarge" },
  "of g6.16xlarge, by 4": { replicas: 4, instanceType: "g6.16xlarge" },
};

/** Shares of a GPU served by time-sliced pools beside those of whole GPUs, against whole GPUs alone. */
export const sharing: Study = {
  name: "sharing",
  specs: ({ traces }) =>
    traces
      .filter((trace) => trace === SHARES)
      .flatMap((trace) => Object.values(SHARED).map((shared) => specOf(trace, shared))),
  tables: ({ traces }, figuresOf) => [
    {
      caption: "`--spot none`. Differences are to whole GPUs. Waits are means, in seconds.",
      columns: columns(
        ["trace", "shared GPUs"],
        [
          "GPU-hours held",
          "GPU-hours paid",
          "difference",
          "dollars",
          "difference",
          "cost over its bound",
          "wait",
          "not served",
        ],
      ),
      rows: traces
        .filter((trace) => trace === SHARES)
        .flatMap((trace) => {
          const before = figuresOf(specOf(trace, null));
          return Object.entries(SHARED).map(([name, shared]) => {
            const run = figuresOf(specOf(trace, shared));
            return [
              trace,
              name,
              run.gpuHoursUsed.toFixed(0),
              run.gpuHoursPaid.toFixed(0),
              percentMore(run.gpuHoursPaid, before.gpuHoursPaid),
              run.dollars.toFixed(0),
              percentMore(run.dollars, before.dollars),
              run.costOverBound.toFixed(3),
              run.meanWaitSeconds.toFixed(0),
              String(run.infeasible + run.unfinished),
            ];
          });
        }),
    },
  ],
};

function specOf(trace: string, shared: SharedPools | null): RunSpec {
  return { ...SHIPPED, trace, shared };
}

function percentMore(value: number, before: number): string {
  const percent = (value / before - 1) * 100;
  return percent === 0 ? "" : `${percent > 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)} %`;
}

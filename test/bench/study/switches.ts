import { MINUTE_MS } from "@gpu-autoscaler/core";
import type { SpotUse } from "@gpu-autoscaler/sandbox";
import { type RunSpec, SHIPPED } from "./runs.ts";
import type { Settings } from "./settings.ts";
import { columns, costAndWait, moreThan, type Study, type StudyTable } from "./study.ts";

/** The policy without one of its rules. */
const WITHOUT: Readonly<Record<string, Settings>> = {
  "no pod is moved": { underusedAfterMs: null },
  "underused by requests alone": { underusedUtilizationMilli: 0 },
  "underused by measurement alone": { underusedShareMilli: 0 },
  "no headroom": { headroom: false },
  "nothing is measured": { unmeasured: true },
  "no node is launched in place of dear ones": { replaceAboveMilli: null },
  "dear nodes are neither closed nor replaced": { closeAboveMilli: null },
  "free nodes are kept 2 min, whatever comes": { keepTimeMs: 2 * MINUTE_MS },
  "empty nodes go at once": { keepTimeMs: 0 },
  "as the source documents wait: 2 min to launch, 10 min empty": {
    pendingForMs: { normal: 2 * MINUTE_MS, low: 2 * MINUTE_MS },
    keepTimeMs: 10 * MINUTE_MS,
  },
};

/** The rules that matter with Spot alone. */
const WITHOUT_OF_SPOT: Readonly<Record<string, Settings>> = {
  "no Spot": { spotShareMilli: 0 },
  "Spot as long as EC2 gives any": { spotShareMilli: 1_000 },
  "Spot at its bare price": { spotLossHours: 0 },
  "a Spot node is paid for by who waits now": { expectFill: false },
  "capacity errors are forgotten at once": { capacityErrorRestMs: 0 },
};

/** What each rule earns: the policy with one switched off, against the policy that ships. */
export const switches: Study = {
  name: "switches",
  specs: ({ traces }) => [...specsOf(traces, "none", WITHOUT), ...specsOf(traces, "mix", WITHOUT_OF_SPOT)],
  tables: ({ traces }, figuresOf) => {
    const table = (caption: string, spot: SpotUse, without: typeof WITHOUT): StudyTable => {
      const of = (trace: string, settings: Settings) => figuresOf(specOf(trace, spot, settings));
      return {
        caption,
        columns: columns(["without"], traces),
        rows: [
          ["**as it ships**", ...traces.map((trace) => costAndWait(of(trace, {})))],
          ...Object.entries(without).map(([name, settings]) => [
            name,
            ...traces.map((trace) => moreThan(of(trace, settings), of(trace, {}))),
          ]),
        ],
      };
    };
    return [
      table("`--spot none`.", "none", WITHOUT),
      table("`--spot mix`, usual weather.", "mix", WITHOUT_OF_SPOT),
    ];
  },
};

function specsOf(traces: readonly string[], spot: SpotUse, without: typeof WITHOUT): RunSpec[] {
  const all = [{}, ...Object.values(without)];
  return traces.flatMap((trace) => all.map((settings) => specOf(trace, spot, settings)));
}

function specOf(trace: string, spot: SpotUse, settings: Settings): RunSpec {
  return { ...SHIPPED, trace, spot, settings };
}

import type { Reason, ReasonCode } from "../../model/reason.ts";
import type { EpochMs } from "../../model/units.ts";
import type { TickRecord } from "../../record/tick-record.ts";
import type { Act, NodeEffect, NodeEvent, NodeKept } from "../explanation.ts";

/** Tells the story of one instance's node as its records come. */
export interface Stay {
  bound(record: TickRecord, pod: string): void;
  /** What the record says of the node; empty when nothing. */
  kept(record: TickRecord, reasons: readonly Reason[]): void;
  done(record: TickRecord, act: Act<NodeEffect>): void;
  /** No further record is of this instance. */
  end(at: EpochMs): void;
}

export function createStay(story: NodeEvent[]): Stay {
  /** Where in the story the reasons stand that the last record gave, if it gave any. */
  let open: { readonly at: number; readonly kept: NodeKept } | null = null;
  const bound = new Set<string>();
  const end = (at: EpochMs) => {
    if (open) story[open.at] = { ...open.kept, until: at };
    open = null;
  };

  return {
    end,

    bound({ decidedAt: at }, pod) {
      if (!bound.has(pod)) story.push({ event: "Bound", at, pod });
      bound.add(pod);
    },

    kept({ decidedAt: at, problems }, reasons) {
      if (reasons.length === 0 && problems.some(({ code }) => NOTHING_DECIDED.has(code))) return;
      if (open && haveSameCodes(open.kept.reasons, reasons)) {
        open = { at: open.at, kept: { ...open.kept, reasons: both(open.kept.reasons, reasons) } };
        story[open.at] = open.kept;
        return;
      }
      end(at);
      if (reasons.length === 0) return;
      const kept: NodeKept = { event: "Kept", at, until: null, reasons };
      open = { at: story.push(kept) - 1, kept };
    },

    done({ decidedAt: at }, act) {
      story.push({ event: "Done", at, ...act });
    },
  };
}

/** With these, a record that does not name the node says nothing of it. */
const NOTHING_DECIDED: ReadonlySet<ReasonCode> = new Set(["NodesStale", "PodsStale", "GroupsStale"]);

/** Their details are figures, which change from tick to tick: the last ones are told. */
const FIGURES: ReadonlySet<ReasonCode> = new Set(["NotUnderusedLongEnough", "ClusterUnhealthy"]);

function haveSameCodes(a: readonly Reason[], b: readonly Reason[]): boolean {
  const codes = (reasons: readonly Reason[]) => [...new Set(reasons.map(({ code }) => code))].join();
  return codes(a) === codes(b);
}

/** In the order in which they stood. */
function both(before: readonly Reason[], now: readonly Reason[]): readonly Reason[] {
  const earlier = before.filter(
    ({ code, detail }) =>
      !FIGURES.has(code) && !now.some((each) => each.code === code && each.detail === detail),
  );
  return [...earlier, ...now];
}

import { gunzipSync } from "node:zlib";
import { createDecisionHistory, type DecisionEntry } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { packDecisions } from "../../packages/cli/src/report/pack-decisions.ts";
import type { DecisionsData } from "../../packages/cli/src/report/page-data.ts";
import { START } from "../builders/index.ts";
import { aDemand, aLaunch, aRecord } from "./a-record.ts";

function unpack(base64: string): DecisionsData {
  return JSON.parse(gunzipSync(Buffer.from(base64, "base64")).toString());
}

/** So many launches, and as many pods that wait, a minute each. */
function entries(count: number): readonly DecisionEntry[] {
  const history = createDecisionHistory();
  for (let at = 0; at < count; at++) {
    const pods = [`team/pod-${at}-${Math.sin(at)}`];
    history.add(aRecord(at, { effects: [aLaunch({ key: `launch-${at}` })], demand: [aDemand({ pods })] }));
  }
  return history.entries;
}

const ALL = 1e9;

describe("decisions in the page", () => {
  test("are all there, each text once", () => {
    const { base64, counts } = packDecisions(entries(3), START, ALL);
    const { texts, lists, rows } = unpack(base64);
    expect(counts).toEqual({ kept: 6, leftOut: {} });
    expect(new Set(texts).size).toBe(texts.length);
    const texted = (place = -1) => lists[place]?.map((text) => texts[text]);
    const [launch, wait] = rows;
    expect(launch?.slice(0, 2)).toEqual([0, 0]);
    expect(launch?.slice(2, 7).map((text) => texts[text ?? -1])).toEqual([
      "LaunchInstances",
      "small",
      "2 nodes of 1 GPU, spot, in small-spot/us-east-1a, 0.28168 $ an hour each",
      "",
      "",
    ]);
    expect([wait?.[0], wait?.[1], texts[wait?.[2] ?? -1]]).toEqual([0, 60, "PodsWait"]);
    expect(texted(wait?.[7])).toEqual(["PendingForNotReached", ""]);
    expect(texted(wait?.[8])).toEqual(["team/pod-0-0"]);
    expect(texted(wait?.[9])).toEqual(["quad", "NotCheapest", "4.6016 $ an hour a node"]);
    expect(rows.at(-1)?.[1]).toBeNull();
  });

  test("that are too many leave out those that tell least, the latest first, and are counted", () => {
    const whole = packDecisions(entries(2_000), START, ALL).base64.length;
    const { base64, counts } = packDecisions(entries(2_000), START, whole * 0.7);
    const { texts, rows } = unpack(base64);
    expect(base64.length).toBeLessThanOrEqual(whole * 0.7);
    expect(base64.length).toBeGreaterThan(whole * 0.5);
    const kinds = Map.groupBy(rows, (row) => texts[row[2]]);
    expect(kinds.get("LaunchInstances")).toHaveLength(2_000);
    expect(counts.leftOut).toEqual({ PodsWait: 4_000 - counts.kept });
    expect(counts.kept).toBe(rows.length);
    const waits = kinds.get("PodsWait")?.map(([at]) => at);
    expect(waits).toEqual(Array.from({ length: waits?.length ?? 0 }, (_, at) => at * 60));
    expect(rows.map(([at]) => at)).toEqual(rows.map(([at]) => at).sort((a, b) => a - b));
  });

  test("are none where there is no room at all, and that is said", () => {
    const { base64, counts } = packDecisions(entries(5), START, 0);
    expect(unpack(base64).rows).toEqual([]);
    expect(counts).toEqual({ kept: 0, leftOut: { LaunchInstances: 5, PodsWait: 5 } });
  });
});

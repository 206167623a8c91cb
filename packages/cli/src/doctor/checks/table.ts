import { TABLE_ATTRIBUTES } from "@gpu-autoscaler/adapters";
import { NO_TABLE } from "../../pause/run-pause.ts";
import type { Examined } from "../examined.ts";
import { type Finding, failure, ok, unchecked, warning } from "../finding.ts";

/** Whether the table is there, is made as it must be, and holds a state that can be read. Throws what it throws. */
export async function checkTable({ table, policy }: Examined): Promise<readonly Finding[]> {
  if (table === null) return [unchecked("table", NO_TABLE)];
  const place = `table ${table.name}`;
  const { partitionKey, sortKey, timeToLive } = TABLE_ATTRIBUTES;
  const found = await table.settings();
  const wrong: Finding[] = [];
  if (found.status !== "ACTIVE") {
    wrong.push(failure(place, `its status is ${found.status}`, "wait until it is ACTIVE"));
  }
  if (found.partitionKey !== partitionKey || found.sortKey !== sortKey) {
    const has = `${found.partitionKey ?? "none"} and ${found.sortKey ?? "none"}`;
    const mend = "name the deployment's own table: keys cannot be changed";
    wrong.push(failure(place, `its keys are ${has}, not ${partitionKey} and ${sortKey}`, mend));
  }
  if (found.timeToLive !== timeToLive) {
    const has = found.timeToLive === null ? "off" : `on ${found.timeToLive}`;
    const mend = `set its TTL attribute to ${timeToLive}: run sst deploy again`;
    wrong.push(warning(place, `its TTL is ${has}, not on ${timeToLive}: decisions are kept for ever`, mend));
  }
  if (wrong.some(({ status }) => status === "failure")) return wrong;
  const stored = await table.stateStore.load(policy.cluster);
  const { paused = [] } = stored?.state ?? {};
  if (paused.length > 0) {
    const what = paused.includes("*") ? "the whole cluster" : `pools ${paused.join(", ")}`;
    wrong.push(warning(`cluster ${policy.cluster}`, `is paused: ${what}`, "gpu-autoscaler resume"));
  }
  const state = stored ? `state of version ${stored.version}` : "no state yet: no tick has run";
  return wrong.length > 0 ? wrong : [ok(place, `is made as it must be; ${state}`)];
}

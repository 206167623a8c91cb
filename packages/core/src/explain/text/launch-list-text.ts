import type { ListedLaunch } from "../in-log/launch-in-log.ts";
import { launchText } from "./launch-lines.ts";
import { listed, outcomeText, timeText } from "./words.ts";

/** A line for each launch: when, its key, what, why, and for whom. */
export function launchListText(launches: readonly ListedLaunch[]): string {
  const width = Math.max(0, ...launches.map(({ launch }) => launch.effect.key.length));
  const lines = launches.map(({ at, launch: { effect, outcome }, for: served }) => {
    const pods = served.flatMap((each) => each.pods);
    const whom = pods.length > 0 ? ` for ${listed(pods, 1)}` : "";
    const what = `${launchText(effect)}${outcomeText(outcome)}: ${effect.reason.code}${whom}`;
    return `${timeText(at)}  ${effect.key.padEnd(width)}  ${what}\n`;
  });
  return lines.join("");
}

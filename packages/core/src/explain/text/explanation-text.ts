import type { Explanation } from "../explanation.ts";
import { launchExplanationText } from "./launch-text.ts";
import { nodeText } from "./node-text.ts";
import { podText } from "./pod-text.ts";

/** An explanation told for people, in lines; times are in UTC. */
export function explanationText(explanation: Explanation): string {
  return `${linesOf(explanation).join("\n")}\n`;
}

function linesOf(explanation: Explanation): string[] {
  switch (explanation.kind) {
    case "pod":
      return podText(explanation);
    case "node":
      return nodeText(explanation);
    case "launch":
      return launchExplanationText(explanation);
  }
}

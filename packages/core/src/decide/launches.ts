import type { ControllerState, LaunchIntent } from "../model/state.ts";
import { compareText } from "../model/text.ts";

/** In whatever order they came out of the store. */
export function byKey(launches: ControllerState["launches"]): [string, LaunchIntent][] {
  return Object.entries(launches).sort(([a], [b]) => compareText(a, b));
}

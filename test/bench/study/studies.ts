import { frontier } from "./frontier.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import { sharing } from "./sharing.ts";
import type { Study } from "./study.ts";
import { switches } from "./switches.ts";
import { weather } from "./weather.ts";

/** In the order of the page. */
export const STUDIES: readonly Study[] = [frontier, switches, leaveOneOut, weather, sharing];

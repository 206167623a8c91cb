import type { Outcome } from "../../model/outcome.ts";
import { REASONS, type Reason, type ReasonCode } from "../../model/reason.ts";
import { type DurationMs, type EpochMs, type NanoDollars, SECOND_MS } from "../../model/units.ts";

const DAY_S = 86_400;

/** "2026-01-01 08:30:00Z", to the second. */
export function timeText(at: EpochMs): string {
  const seconds = Math.floor(at / SECOND_MS);
  const days = Math.floor(seconds / DAY_S);
  const rest = seconds - days * DAY_S;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(twoDigits).join(":");
  const { year, month, day } = civilFromDays(days);
  return `${year}-${twoDigits(month)}-${twoDigits(day)} ${clock}Z`;
}

/** Of days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days). */
function civilFromDays(days: number): {
  readonly year: number;
  readonly month: number;
  readonly day: number;
} {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function twoDigits(part: number): string {
  return String(part).padStart(2, "0");
}

/** "45 s", "4 min 12 s", "2 h 5 min", "3 d 4 h". */
export function durationText(ms: DurationMs): string {
  const seconds = Math.round(ms / SECOND_MS);
  const units = [
    [DAY_S, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ] as const;
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return "0 s";
  const parts: string[] = [];
  let rest = seconds;
  for (const [size, unit] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * size;
  }
  return parts.join(" ");
}

/** "$0.8048", "$98.32": with two to four decimals. */
export function moneyText(nanoDollars: NanoDollars): string {
  const text = (nanoDollars / 1e9).toFixed(4);
  return `$${text.replace(/0{1,2}$/, "")}`;
}

/** "NotMovable (default/a is of a Job)". */
export function codeText({ code, detail }: Reason): string {
  return detail ? `${code} (${detail})` : code;
}

/** Tells reasons with what their codes mean; a code's meaning is told once. */
export type ReasonTeller = (reasons: readonly Reason[]) => string;

/** "NotMovable (default/a is of a Job; default/b is of a Job): A GPU pod on the node …". */
export function createReasonTeller(): ReasonTeller {
  const told = new Set<ReasonCode>();
  return (reasons) => {
    const byCode = Map.groupBy(reasons, ({ code }) => code);
    const texts = [...byCode].map(([code, alike]) => {
      const details = alike.map(({ detail }) => detail).filter(Boolean);
      const meaning = told.has(code) ? "" : `: ${REASONS[code]}`;
      told.add(code);
      return `${codeText({ code, detail: listed(details, 3, "; ") })}${meaning}`;
    });
    return texts.join(" ");
  };
}

/** "1 node", "3 nodes". */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** Some by name, the others counted. */
export function listed(names: readonly string[], most = 3, between = ", "): string {
  const shown = names.slice(0, most).join(between);
  const others = names.length - most;
  return others > 0 ? `${shown} and ${others} more` : shown;
}

/** What became of an effect, where that is not just that it was done: " → skipped: NotEnoughPdb (default/web)". */
export function outcomeText(outcome: Outcome | null): string {
  if (!outcome || outcome.status === "done") return "";
  return ` → ${outcome.status}${outcome.reason ? `: ${codeText(outcome.reason)}` : ""}`;
}

export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** Figures as texts, in the page's one manner. Times are seconds. */

const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 86_400;

/** @param {number} dollars "$1,234.56" */
export function money(dollars) {
  return `$${dollars.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** @param {number} value "1,234", with so many decimals */
export function grouped(value, decimals = 0) {
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** @param {number} value A mean: whole where it is whole, else with a decimal or two. */
export function mean(value) {
  if (Number.isInteger(value)) return grouped(value);
  return grouped(value, value < 10 ? 2 : 1);
}

/** @param {number} share From 0 to 1: "92.1 %". */
export function percent(share, decimals = 1) {
  return `${(share * 100).toFixed(decimals)} %`;
}

/** @param {number | null} ratio "1.09 ×", or a dash where there is none. */
export function times(ratio) {
  return ratio === null ? "–" : `${ratio.toFixed(2)} ×`;
}

/** @param {number} seconds "45 s", "12.3 min", "5.1 h". */
export function wait(seconds) {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  return seconds < 2 * HOUR ? `${(seconds / MINUTE).toFixed(1)} min` : `${(seconds / HOUR).toFixed(1)} h`;
}

/** @param {number} seconds A length of time on an axis: "90 s", "2.5 min", "3 h". */
export function tickWait(seconds) {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 2 * HOUR ? `${seconds / MINUTE} min` : `${seconds / HOUR} h`;
}

/** @param {number} seconds A round length of time: "10 s", "5 min", "2 h", "1 d". */
export function roundWait(seconds) {
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${seconds / MINUTE} min`;
  return seconds < DAY ? `${seconds / HOUR} h` : `${seconds / DAY} d`;
}

/** @param {number} seconds Since the run's start: "14:05", with seconds where they are not 0. */
export function clock(seconds) {
  const inDay = Math.floor(seconds) % DAY;
  const parts = [Math.floor(inDay / HOUR), Math.floor(inDay / MINUTE) % 60, inDay % 60];
  return (parts[2] === 0 ? parts.slice(0, 2) : parts).map((part) => String(part).padStart(2, "0")).join(":");
}

/** @param {number} seconds "day 2, 14:05". */
export function moment(seconds) {
  return `${day(seconds)}, ${clock(seconds)}`;
}

/** @param {number} seconds "day 2". */
export function day(seconds) {
  return `day ${Math.floor(seconds / DAY) + 1}`;
}

/** @param {number} count @param {string} what "1 node", "2 nodes" */
export function counted(count, what) {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}

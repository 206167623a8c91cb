import type { RunResult } from "@gpu-autoscaler/sandbox";

const HOUR_MS = 3_600_000;

/** Nano-dollars as dollars, to the millionth. */
export function dollars(nanoDollars: number): number {
  return Math.round(nanoDollars / 1_000) / 1_000_000;
}

export function hours(ms: number): number {
  return round(ms / HOUR_MS);
}

export function seconds(ms: number): number {
  return round(ms / 1_000);
}

/** Of all GPU time paid, from 0 to 1. */
export function spotShare({ spotGpuMs, gpuMsPaid }: RunResult): number {
  return gpuMsPaid === 0 ? 0 : round(spotGpuMs / gpuMsPaid);
}

/** Cost ÷ bound, or null where the bound is nothing. */
export function overBound(costNanoDollars: number, lowerBoundNanoDollars: number): number | null {
  return lowerBoundNanoDollars === 0 ? null : round(costNanoDollars / lowerBoundNanoDollars);
}

/** "$1,234.56". */
export function moneyText(nanoDollars: number): string {
  return `$${dollars(nanoDollars).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** "45 s", "12.3 min", "5.1 h". */
export function waitText(ms: number): string {
  const s = seconds(ms);
  if (s < 120) return `${s.toFixed(0)} s`;
  return s < 7_200 ? `${(s / 60).toFixed(1)} min` : `${(s / 3_600).toFixed(1)} h`;
}

/** "1,234". */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** To the thousandth. */
function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

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

/** To the thousandth. */
function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

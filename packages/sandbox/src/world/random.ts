import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Range } from "./constants.ts";

/** Draws of one purpose. */
export interface Random {
  /** An integer, both ends included. */
  integer(from: number, to: number): number;
  /** A whole number of milliseconds. */
  duration(range: Range): number;
  /** The wait for the next event of a Poisson process, in hours; Infinity at rate 0. */
  hoursUntilNext(perHour: number): number;
  /** true in `milli` of a thousand. */
  chance(milli: number): boolean;
}

/**
 * Randomness by name instead of by order: the draws for one thing depend on the seed and on what
 * the thing is, never on what else was drawn before. So runs of different policies with one seed
 * have the same boot times and the same weather, as far as they launch the same.
 */
export function randomFor(seed: number, ...name: readonly (string | number)[]): Random {
  const generator = xoroshiro128plus(hash(`${seed}/${name.join("/")}`));
  // The first numbers of this generator still show its seed.
  for (let i = 0; i < 4; i++) generator.next();
  return {
    integer: (from, to) => uniformInt(generator, from, to),
    duration: ({ fromMs, toMs }) => uniformInt(generator, fromMs, toMs),
    hoursUntilNext: (perHour) =>
      perHour > 0 ? -Math.log(1 - uniformFloat64(generator)) / perHour : Number.POSITIVE_INFINITY,
    chance: (milli) => uniformInt(generator, 1, 1_000) <= milli,
  };
}

/** 32 bits of a text: FNV-1a with the finalizer of MurmurHash3, so that near texts lie far apart. */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** 32 bits of a text as eight hexadecimal digits. */
export function hexOf(text: string): string {
  return (hash(text) >>> 0).toString(16).padStart(8, "0");
}

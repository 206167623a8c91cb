import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AutoscalerError } from "../../packages/core/src/model/errors.ts";
import {
  formatBytes,
  formatMilli,
  quantityToMilli,
  quantityToUnits,
} from "../../packages/core/src/quantity.ts";

describe("a quantity in thousandths and in units", () => {
  const cases: Record<string, [string, number, number]> = {
    "a plain number": ["2", 2000, 2],
    zero: ["0", 0, 0],
    "zero of a unit": ["0Gi", 0, 0],
    "zero below zero, without a sign": ["-0", 0, 0],
    "a sign": ["+5", 5000, 5],
    "leading zeros": ["007", 7000, 7],
    thousandths: ["100m", 100, 1],
    "thousandths that make a unit": ["2000m", 2000, 2],
    "thousandths that make a little more": ["2001m", 2001, 3],
    "a fraction": ["0.5", 500, 1],
    "a fraction without a whole": [".5", 500, 1],
    "a whole without its fraction": ["5.", 5000, 5],
    "what floating point gets wrong": ["0.57", 570, 1],
    "what floating point gets wrong in units": ["1.1Gi", 1181116006400, 1181116007],
    "less than a thousandth, rounded up": ["0.0001", 1, 1],
    millionths: ["1500u", 2, 1],
    billionths: ["1n", 1, 1],
    "less than a billionth": ["0.0000000001", 1, 1],
    kilo: ["3k", 3_000_000, 3000],
    kibi: ["1Ki", 1_024_000, 1024],
    mebi: ["1.5Mi", 1_572_864_000, 1_572_864],
    gibi: ["1.5Gi", 1_610_612_736_000, 1_610_612_736],
    "a millionth of a gibi": ["0.000001Gi", 1_073_742, 1074],
    giga: ["1.5G", 1_500_000_000_000, 1_500_000_000],
    "tera and tebi": ["2Ti", 2_199_023_255_552_000, 2_199_023_255_552],
    "mega with a fraction": ["128.974848M", 128_974_848_000, 128_974_848],
    "bytes in thousandths, as the kubelet writes them": ["128974848000m", 128_974_848_000, 128_974_848],
    "an exponent": ["1e3", 1_000_000, 1000],
    "a signed exponent": ["12E+2", 1_200_000, 1200],
    "a negative exponent": ["15e-1", 1500, 2],
    exa: ["12E", 12e21, 12e18],
    exbi: ["1Ei", 2 ** 60 * 1000, 2 ** 60],
    "a large number, exactly": ["9007199254740991", 9007199254740991000, 9007199254740991],
    "sixteen digits": ["1234567890123456", 1234567890123456000, 1234567890123456],
    "a negative number, rounded away from zero": ["-1500m", -1500, -2],
    "a negative fraction": ["-0.0001", -1, -1],
  };
  test.each(Object.entries(cases))("%s", (_, [text, milli, units]) => {
    expect(quantityToMilli(text)).toBe(milli);
    expect(quantityToUnits(text)).toBe(units);
  });
});

describe("no quantity", () => {
  const cases = [
    "",
    " ",
    "m",
    "Gi",
    ".",
    "+",
    "1 Gi",
    "1gi",
    "1Gib",
    "1K",
    "1e",
    "1e1.5",
    "1E3i",
    "0x10",
    "1,5",
    "--1",
  ];
  cases.push("1Mi2", "NaN", "Infinity", "1e999", "１", "1i", "12ii", "5xi");
  test.each(cases)("%j is refused with its text", (text) => {
    for (const parse of [quantityToMilli, quantityToUnits]) {
      expect(() => parse(text)).toThrow(AutoscalerError);
      expect(() => parse(text)).toThrow(`"${text}" is not a Kubernetes quantity`);
    }
  });
});

describe("CPU and bytes are written as Kubernetes writes them", () => {
  test.each([
    [0, "0"],
    [500, "500m"],
    [2000, "2"],
    [2500, "2500m"],
    [-500, "-500m"],
  ])("%d thousandths are %s", (milli, text) => expect(formatMilli(milli)).toBe(text));

  test.each([
    [0, "0"],
    [1000, "1000"],
    [1024, "1Ki"],
    [1536 * 1024 ** 2, "1536Mi"],
    [64 * 1024 ** 3, "64Gi"],
    [1024 ** 4, "1Ti"],
    [-1024, "-1Ki"],
  ])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

test("what is written is read as it was", () => {
  const integer = fc.oneof(
    fc.maxSafeInteger(),
    fc.nat({ max: 2 ** 20 }).map((count) => count * 2 ** 30),
  );
  fc.assert(
    fc.property(integer, (value) => {
      expect(quantityToUnits(formatBytes(value))).toBe(value);
      expect(quantityToMilli(formatMilli(value))).toBe(value);
    }),
  );
});

test("every quantity is its exact value, rounded away from zero", () => {
  const scales: Record<string, [bigint, bigint]> = {
    n: [1n, 10n ** 9n],
    u: [1n, 10n ** 6n],
    m: [1n, 1000n],
    "": [1n, 1n],
    k: [1000n, 1n],
    M: [10n ** 6n, 1n],
    T: [10n ** 12n, 1n],
    e2: [100n, 1n],
    "E-4": [1n, 10n ** 4n],
    Ki: [1n << 10n, 1n],
    Mi: [1n << 20n, 1n],
    Gi: [1n << 30n, 1n],
    Ti: [1n << 40n, 1n],
  };
  const digits = fc.oneof(fc.nat({ max: 10_000 }).map(BigInt), fc.bigInt({ min: 0n, max: 10n ** 17n }));
  const suffix = fc.constantFrom(...Object.entries(scales));
  fc.assert(
    fc.property(
      fc.boolean(),
      digits,
      fc.nat({ max: 6 }),
      suffix,
      (negative, value, decimals, [name, [up, down]]) => {
        const padded = value.toString().padStart(decimals + 1, "0");
        const point = padded.length - decimals;
        const fraction = decimals === 0 ? "" : `.${padded.slice(point)}`;
        const text = `${negative ? "-" : ""}${padded.slice(0, point)}${fraction}${name}`;
        const divisor = down * 10n ** BigInt(decimals);
        const exact = (factor: bigint) => {
          const magnitude = Number((value * up * factor + divisor - 1n) / divisor);
          return negative && magnitude > 0 ? -magnitude : magnitude;
        };
        expect(quantityToUnits(text)).toBe(exact(1n));
        expect(quantityToMilli(text)).toBe(exact(1000n));
      },
    ),
    { numRuns: 1000 },
  );
});

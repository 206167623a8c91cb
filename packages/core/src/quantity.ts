import { AutoscalerError } from "./model/errors.ts";

/**
 * Kubernetes quantities ("100m", "1.5Gi", "1e3", "12E", ".5") as integers, exactly: in decimal
 * digits throughout, never in floating point. Where digits are lost they are rounded away from
 * zero, as `MilliValue` and `Value` of k8s.io/apimachinery/pkg/api/resource do, so that who asks
 * for a little gets a little. A result above 2^53 is the nearest number that JavaScript has.
 *
 * Grammar: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */

/** In thousandths: "100m" is 100, "0.5" is 500, "1u" is 1. For CPU. */
export function quantityToMilli(text: string): number {
  return scaledQuantity(text, 3);
}

/** In whole units: "1Ki" is 1024, "1.5" is 2, "100m" is 1. For bytes and counts. */
export function quantityToUnits(text: string): number {
  return scaledQuantity(text, 0);
}

/** CPU as Kubernetes writes it: 1500 is "1500m", 2000 is "2". */
export function formatMilli(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

/** Bytes as Kubernetes writes them, in the largest binary unit that divides them: 1536 MiB is "1536Mi". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value !== 0 && value % 1024 === 0 && unit < BINARY_SUFFIXES.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${BINARY_SUFFIXES[unit]}`;
}

const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?\d+))$/;
/** Kubernetes holds exponents in 32 bits; no quantity that anybody means comes near this one. */
const LARGEST_EXPONENT = 400;

/** The quantity × 10^`decimals`, rounded away from zero to an integer. */
function scaledQuantity(text: string, decimals: number): number {
  const plain = plainQuantity(text, decimals);
  if (plain >= 0) return plain;

  const [match, sign, whole = "", fraction = "", binary, decimal, exponent] = QUANTITY.exec(text) ?? [];
  if (match === undefined || whole.length + fraction.length === 0) throw notAQuantity(text);
  const tens =
    decimals -
    fraction.length +
    (exponent === undefined ? (DECIMAL_EXPONENTS[decimal ?? ""] ?? 0) : Number(exponent));
  if (Math.abs(tens) > LARGEST_EXPONENT) throw notAQuantity(text);

  let digits = BigInt(whole + fraction);
  if (binary !== undefined) digits <<= BigInt(10 * BINARY_SUFFIXES.indexOf(binary));
  const magnitude = tens >= 0 ? digits * 10n ** BigInt(tens) : roundUp(digits, 10n ** BigInt(-tens));
  return sign === "-" && magnitude > 0n ? -Number(magnitude) : Number(magnitude);
}

function roundUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/**
 * Nearly every quantity is a short run of digits with "", "m", "Ki", "Mi" or "Gi" behind it: this
 * path is some twenty times faster. -1: not one of those. Fifteen digits are exact, a power of two keeps
 * them so, and the one product with 1000 is rounded as a bigint would be.
 */
function plainQuantity(text: string, decimals: number): number {
  let value = 0;
  let at = 0;
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (at === 0 || at > 15) return -1;
  const scale = decimals === 3 ? 1000 : 1;
  let result = -1;
  if (at === text.length) result = value * scale;
  else if (text.endsWith("i") && at === text.length - 2) {
    const unit = text.charCodeAt(at);
    if (unit === 75) result = value * 2 ** 10 * scale;
    else if (unit === 77) result = value * 2 ** 20 * scale;
    else if (unit === 71) result = value * 2 ** 30 * scale;
  } else if (text.endsWith("m") && at === text.length - 1) {
    result = decimals === 3 ? value : Math.ceil(value / 1000);
  }
  return result;
}

function notAQuantity(text: string): AutoscalerError {
  return new AutoscalerError(
    "InvalidQuantity",
    `"${text}" is not a Kubernetes quantity, such as "500m", "2" or "1.5Gi"`,
    { data: { text } },
  );
}

import { NANO_DOLLARS_PER_DOLLAR, type NanoDollars } from "@gpu-autoscaler/core";
import * as z from "zod";

/** What of a product of the price list is needed. Each is a text that holds JSON. */
const Product = z.object({
  product: z.object({ attributes: z.object({ instanceType: z.string() }) }),
  terms: z.object({
    OnDemand: z
      .record(
        z.string(),
        z.object({
          priceDimensions: z.record(
            z.string(),
            z.object({
              unit: z.string(),
              pricePerUnit: z.object({ USD: z.string().optional() }),
            }),
          ),
        }),
      )
      .optional(),
  }),
});

interface OnDemandPrice {
  readonly instanceType: string;
  readonly nanoDollarsPerHour: NanoDollars;
}

/**
 * The On-Demand price of a product: null where it has none in dollars an hour, or 0, as products
 * have that are paid for in another way; what is wrong, in words, where it is no such product.
 */
export function readOnDemandPrice(text: string): OnDemandPrice | string | null {
  const parsed = Product.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `a product of the price list is not as expected: ${issue?.path.join(".")}: ${issue?.message}`;
  }
  const { product, terms } = parsed.data;
  const dimensions = Object.values(terms.OnDemand ?? {}).flatMap((term) =>
    Object.values(term.priceDimensions),
  );
  const prices = dimensions.flatMap(({ unit, pricePerUnit }) =>
    unit === "Hrs" ? (nanoDollars(pricePerUnit.USD ?? "") ?? []) : [],
  );
  return prices.length === 0
    ? null
    : { instanceType: product.attributes.instanceType, nanoDollarsPerHour: Math.min(...prices) };
}

/** Of a price in dollars, as AWS writes it ("0.8048000000"); null for none, and for 0. */
export function nanoDollars(dollars: string): NanoDollars | null {
  const nano = Math.round(Number.parseFloat(dollars) * NANO_DOLLARS_PER_DOLLAR);
  return nano > 0 && Number.isSafeInteger(nano) ? nano : null;
}

/** undefined where it is no JSON, which no product is. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import * as z from "zod";
import type { AwsState } from "./state.ts";

const ProductsInput = z.object({
  ServiceCode: z.literal("AmazonEC2"),
  Filters: z.array(z.object({ Type: z.literal("TERM_MATCH"), Field: z.string(), Value: z.string() })),
});

/** What the attributes of a product are whose price is asked for; others have products of their own. */
const ATTRIBUTES = {
  capacitystatus: "Used",
  marketoption: "OnDemand",
  operatingSystem: "Linux",
  preInstalledSw: "NA",
  regionCode: "us-east-1",
  tenancy: "Shared",
};

/**
 * GetProducts over products of each instance type that has a price: that which is asked for, one on
 * Windows, and one that is reserved already and costs 0, so that a filter left out is noticed.
 */
export async function getProducts(state: AwsState, input: unknown): Promise<object> {
  const { Filters: filters } = ProductsInput.parse(input);
  const products = [...state.onDemandDollars].flatMap(([instanceType, dollars]) => [
    { attributes: { ...ATTRIBUTES, instanceType }, dollars },
    { attributes: { ...ATTRIBUTES, instanceType, operatingSystem: "Windows" }, dollars: "99.0000000000" },
    {
      attributes: { ...ATTRIBUTES, instanceType, capacitystatus: "AllocatedCapacityReservation" },
      dollars: "0.0000000000",
    },
  ]);
  const matching = products.filter(({ attributes }) =>
    filters.every(({ Field, Value }) => new Map(Object.entries(attributes)).get(Field) === Value),
  );
  return { FormatVersion: "aws_v1", PriceList: matching.map(priceListItem) };
}

/** As the Pricing API writes a product: JSON in a text. */
function priceListItem({ attributes, dollars }: { attributes: object; dollars: string }): string {
  const rate = { unit: "Hrs", description: "per hour", pricePerUnit: { USD: dollars } };
  return JSON.stringify({
    product: { productFamily: "Compute Instance", attributes, sku: "SKU" },
    serviceCode: "AmazonEC2",
    terms: { OnDemand: { "SKU.JRTCKXETXF": { priceDimensions: { "SKU.JRTCKXETXF.6YS6EN2CT7": rate } } } },
  });
}

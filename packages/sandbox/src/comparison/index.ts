export {
  COMPARISON_CLUSTER,
  comparisonPolicy,
  comparisonPrices,
  policyForSpot,
  type SpotUse,
  sandboxPrices,
} from "./comparison-world.ts";
export { lowerBoundNanoDollars } from "./lower-bound.ts";

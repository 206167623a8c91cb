export type { KarpenterSettings } from "./constants.ts";
export { createKarpenter } from "./karpenter.ts";

export {
  INSTANCE_TYPE_NAMES,
  type InstanceType,
  instanceShape,
  instanceType,
  ROOT_VOLUME_BYTES,
  shapeOf,
} from "./instance-shape.ts";
export { catalogDate, onDemandNanoDollarsPerHour } from "./prices.ts";

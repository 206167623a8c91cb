import type { Policy, Ports } from "@gpu-autoscaler/core";
import { createAutoScaling } from "../autoscaling/auto-scaling.ts";
import { createCapacityReader } from "../autoscaling/capacity-reader.ts";
import { createCapacityWriter } from "../autoscaling/capacity-writer.ts";
import { createEc2 } from "../ec2/ec2.ts";
import { createInterruptionFeed } from "../ec2/interruption-feed.ts";
import { createPriceList } from "../pricing/price-list.ts";
import type { AwsAccess } from "./access.ts";

/**
 * The ports on Auto Scaling, EC2 and the price list, for one cluster. Make them once a process: a
 * warm one keeps its connections, and what rarely changes.
 */
export function createAwsPorts(
  access: AwsAccess,
  policy: Policy,
): Pick<Ports, "capacityReader" | "capacityWriter" | "interruptionFeed" | "priceList"> {
  const autoScaling = createAutoScaling(access);
  const ec2 = createEc2(access);
  return {
    capacityReader: createCapacityReader(autoScaling, ec2, access, policy),
    capacityWriter: createCapacityWriter(autoScaling),
    interruptionFeed: createInterruptionFeed(ec2, access.clock),
    priceList: createPriceList(ec2, access, policy),
  };
}

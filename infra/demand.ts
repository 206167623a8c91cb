import type { EksCluster } from "./eks-cluster.ts";
import type { DeployedFunction } from "./function.ts";

/** What is published to the bus when GPU pods have begun to wait: `{ "cluster": "<name>" }` as detail. */
const DEMAND = { source: "gpu-autoscaler", detailType: "GPU Demand" };

/** A bus by which whoever sees demand first wakes the cluster's tick. */
export function createDemandBus(): sst.aws.Bus {
  return new sst.aws.Bus("Demand");
}

/** An event is a wake-up and no more, so a lost one costs at most a minute: it is not kept for later. */
export function wakeOnDemand(bus: sst.aws.Bus, cluster: EksCluster, tick: DeployedFunction): void {
  bus.subscribe(`${cluster.name}-demand`, tick.component.arn, {
    pattern: {
      source: [DEMAND.source],
      detailType: [DEMAND.detailType],
      detail: { cluster: [cluster.name] },
    },
    transform: {
      target: (args) => {
        args.retryPolicy = { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 2 };
      },
    },
  });
}

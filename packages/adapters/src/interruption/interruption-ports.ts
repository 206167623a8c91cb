import { setTimeout as sleep } from "node:timers/promises";
import type { InterruptionPorts, Policy } from "@gpu-autoscaler/core";
import type { AwsAccess } from "../aws/access.ts";
import type { ClusterEnvironment } from "../cluster-ports.ts";
import { createDynamoInterruptionNotes } from "../dynamodb/interruption-notes.ts";
import { createDynamoStateStore } from "../dynamodb/state-store.ts";
import type { DynamoTable } from "../dynamodb/table.ts";
import { createEc2 } from "../ec2/ec2.ts";
import { createInstanceFinder } from "../ec2/instance-finder.ts";
import { createEksCluster } from "../eks/eks-cluster.ts";
import { createKubernetes } from "../kubernetes/kubernetes.ts";
import { createTickWaker } from "../lambda/tick-waker.ts";

/**
 * All that answering interruptions of one cluster touches; `tickFunction` is the ARN of its planner's
 * function. Make it once a process. Nothing is sent before a port is called.
 */
export function createInterruptionPorts(
  policy: Policy,
  environment: Omit<ClusterEnvironment, "metricsUrl">,
  table: DynamoTable,
  tickFunction: string,
): InterruptionPorts {
  const { clock, deadline } = environment;
  const access: AwsAccess = { ...environment, region: policy.region };
  const kubernetes = createKubernetes({
    access: environment.clusterAccess ?? createEksCluster(policy.cluster, access),
    clock,
    ...(deadline && { deadline }),
  });
  return {
    clock,
    instanceFinder: createInstanceFinder(createEc2(access), policy),
    nodeReader: kubernetes.nodeReader,
    clusterReader: kubernetes.clusterReader,
    clusterWriter: kubernetes.clusterWriter,
    interruptionNotes: createDynamoInterruptionNotes(table, policy.cluster, clock),
    stateStore: createDynamoStateStore(table),
    tickWaker: createTickWaker(access, tickFunction),
    rest: (ms) => sleep(ms),
  };
}

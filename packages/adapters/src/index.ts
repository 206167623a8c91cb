export { createAmpMetrics } from "./amp/gpu-metrics.ts";
export type { AwsAccess, AwsCall, CallLimits } from "./aws/access.ts";
export { createAwsPorts } from "./aws/aws-ports.ts";
export {
  type ClusterEnvironment,
  type ClusterMemory,
  type ClusterPorts,
  createClusterPorts,
  createWorldPorts,
  LEASE_MS,
  type WorldPorts,
} from "./cluster-ports.ts";
export { type DecisionLogs, joinDecisionLogs, type LogProblem } from "./decision-logs.ts";
export { createDynamoDecisionLog } from "./dynamodb/decision-log.ts";
export { createDynamoLease, type LeaseOptions } from "./dynamodb/lease.ts";
export { setPaused } from "./dynamodb/pause.ts";
export { type KeptDecision, readDecisions } from "./dynamodb/read-decisions.ts";
export { createDynamoStateStore } from "./dynamodb/state-store.ts";
export { type DynamoTable, openDynamoTable, TABLE_ATTRIBUTES } from "./dynamodb/table.ts";
export { createEksCluster } from "./eks/eks-cluster.ts";
export { createInterruptionPorts } from "./interruption/interruption-ports.ts";
export type { CallFigures } from "./kubernetes/api/api-request.ts";
export type { ApiServer, ClusterAccess } from "./kubernetes/api/cluster-access.ts";
export { clusterObjectsFrom, type RawClusterObjects } from "./kubernetes/cluster-objects.ts";
export { daemonSetFrom } from "./kubernetes/daemon-set.ts";
export { createKubernetes, type Kubernetes, type KubernetesOptions } from "./kubernetes/kubernetes.ts";
export { nodeFrom } from "./kubernetes/node.ts";
export { podFrom } from "./kubernetes/pod.ts";
export { podDisruptionBudgetFrom } from "./kubernetes/pod-disruption-budget.ts";
export { type VolumeObjects, type Volumes, volumesFrom } from "./kubernetes/volumes.ts";

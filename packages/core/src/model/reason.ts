/**
 * Why: one code for every action, every rejected group, every pod left waiting and every node
 * kept. Log, Events, metrics, command and docs share them. Where Cluster Autoscaler or
 * kube-scheduler has a name for the same thing, it is that name.
 */
export const REASONS = {
  // Actions
  PodsUnschedulable: "Pods that no node can take have waited long enough: nodes are launched for them.",
  GangUnschedulable: "A gang that fits nowhere as a whole: nodes for all of it are launched, or none.",
  BelowMinimum: "The pool or group is below its minimum size.",
  NodeEmpty: "No GPU pod has been on the node for the pool's keep time.",
  NodeUnderused: "Little of the node has been used for long, and its pods fit elsewhere.",
  NodeReplaced: "Its pods, which may be moved, run for less elsewhere.",
  PodsReplaceable:
    "Pods that may be moved will run for less on a new node: it takes the place of dearer ones.",
  UtilizationHigh: "Serving pods of the pool are busy: a free node is kept for them.",
  RegistrationTimeout: "The instance did not become a node that serves GPUs in time.",
  InstanceUnhealthy: "The instance is dead or failed its health checks.",
  SpotInterruption: "EC2 takes the Spot instance back within two minutes.",
  DesiredCapacityUnfilled: "Desired capacity has stayed above what exists: it is lowered to it.",
  DemandReturned: "A pod needs the node again: it is uncordoned.",
  NodeTooDear:
    "Small pods would cost less elsewhere: the node takes only pods that need it, and empties when those end.",
  NodeNeeded: "A pod needs a node of this size: it takes pods again.",
  DrainTimedOut: "The drain was not done in time: it is undone, and the node left alone for a while.",
  LaunchRepeated: "A launch whose answer was never recorded is repeated under its own token.",
  LaunchAbandoned: "A launch whose answer was never recorded is no longer needed.",
  // Predicates of fit, by kube-scheduler's names where it has one
  InsufficientCpu: "Not enough CPU.",
  InsufficientMemory: "Not enough memory.",
  InsufficientEphemeralStorage: "Not enough ephemeral storage.",
  TooManyPods: "No pod slot is left.",
  InsufficientExtendedResource: "Not enough of an extended resource, such as GPUs.",
  UntoleratedTaint: "A taint that the pod does not tolerate.",
  NodeUnschedulable: "The node is cordoned.",
  NodeSelectorMismatch: "The node's labels do not match the pod's nodeSelector.",
  NodeAffinityMismatch: "The node does not match the pod's required node affinity.",
  PodAffinityMismatch: "The pod's required pod affinity is not met there.",
  PodAntiAffinityConflict: "The pod's required anti-affinity is violated there.",
  ExistingPodAntiAffinityConflict: "A pod that is there has required anti-affinity against this pod.",
  TopologySpreadConstraint: "A DoNotSchedule topology spread constraint would be violated.",
  HostPortConflict: "A host port that the pod needs is taken.",
  VolumeZoneConflict: "A volume of the pod cannot be reached from there.",
  // Pods
  FitsExistingNode: "An existing node has room: kube-scheduler is expected to bind the pod.",
  FitsUpcomingNode: "A launched node that does not serve yet will have room.",
  Launching: "A node is being launched for the pod.",
  PendingForNotReached: "The pod has not waited for its priority's pendingFor yet.",
  SchedulingGated: "The pod has scheduling gates: it is not demand.",
  ResourceClaimsUnsupported:
    "The pod asks for devices through resource claims (DRA), which is not supported.",
  VolumeNotReady: "A volume of the pod is missing or not bound.",
  GangIncomplete: "Not all pods of the gang exist yet.",
  GangSizeInvalid: "The gang's pods disagree about its size, or do not state it.",
  GangDoesNotFit: "No group can take the whole gang in one zone.",
  NoFeasibleGroup: "No group's nodes can ever take the pod.",
  NoCapacityLeft: "Groups that could take the pod are at a limit, or lack capacity for now.",
  // Groups and offerings that were not chosen
  NotCheapest: "Another offering serves these pods for as little or less.",
  NodeGroupMaxSizeReached: "The group is at its maximum size.",
  PoolMaxSizeReached: "The pool is at its maximum size.",
  ClusterMaxSizeReached: "The cluster is at its maximum of GPU nodes.",
  LaunchCapReached: "This tick launches as many nodes as it may.",
  DollarCapReached: "The cluster would cost more an hour than its cap.",
  SpotShareReached: "Spot already holds its share of the interruptible GPUs.",
  NotInterruptible: "The pods must not be interrupted: Spot is not for them.",
  SpotAvoided: "The pods were interrupted before they could finish: On-Demand lets them.",
  CapacityErrorBackoff: "The offering lacked capacity lately: it rests before it is tried again.",
  ReservationExhausted: "The capacity reservation has no instance left.",
  CapacityBlockEnding: "The Capacity Block ends too soon.",
  PriceUnknown: "The offering has no price.",
  TagUnreadable: "A node-template tag of the group cannot be read.",
  ShapeUnknown: "Nothing says what nodes of the group offer.",
  Paused: "The pool or cluster is paused.",
  DryRun: "The pool is in dry run: decided, recorded, not done.",
  // Nodes that stay
  NotUnneededLongEnough: "The node has been empty for less than its keep time.",
  NotUnderusedLongEnough: "The node has been underused for less than its time.",
  NotMovable: "A GPU pod on the node would lose its work or be missed: it is not moved.",
  DisruptionLimitReached: "As many nodes of the pool are being drained as may be at a time.",
  DrainResting: "A drain of the node was undone lately: it is left alone for a while.",
  Headroom: "The node is kept free because serving pods of the pool are busy.",
  HeadroomSpent:
    "Headroom was kept to its end and nobody used it: there is none until the pool is less busy.",
  ClusterUnhealthy: "Too many nodes are unready: nothing is scaled down.",
  DemandExpected: "Pending pods fit on the node.",
  NodeGroupMinSizeReached: "The group or pool is at its minimum size.",
  ScaleDownDisabledAnnotation: "The node is annotated scale-down-disabled.",
  DoNotDisrupt: "The node or a pod on it is annotated do-not-disrupt.",
  NotSafeToEvictAnnotation: "A pod on the node is annotated not safe to evict.",
  NotReplicated: "A pod on the node has no controller that would start it again.",
  NotEnoughPdb: "A PodDisruptionBudget allows no disruption now.",
  NoPlaceToMovePods: "The other pods of the node fit on no other node.",
  UnattributedUse: "No GPU pod is on the node, yet its GPUs measured busy.",
  NotAutoscaled: "The node belongs to no group of the configuration.",
  GpusMissing: "The node serves fewer GPUs than its instance type and sharing layout promise.",
  // Parts of the snapshot that are missing or old, and what that takes away
  NodesStale: "Nodes could not be read: nothing is launched or removed.",
  PodsStale: "Pods could not be read: nothing is launched or removed.",
  BudgetsStale: "PodDisruptionBudgets could not be read: nothing is evicted.",
  GroupsStale: "Auto Scaling groups could not be read: nothing is launched or removed.",
  PricesStale: "Prices could not be read: nothing is launched in an offering without one.",
  MeasurementsStale: "GPU measurements are missing: utilization is unknown, never idle.",
  InterruptionsStale: "Announced interruptions could not be read.",
  PartIncomplete:
    "Of a part that was read, something is missing, or an older or tabled value stands in for it: the rest is used.",
  // Outcomes
  CapacityError: "EC2 had no capacity in the offering.",
  GangRolledBack: "A gang's launch was incomplete: what had been launched of it was ended.",
  PreconditionFailed: "What the action relied on had changed: it was not done.",
  TooManyRequests: "The API throttled the call: it is tried again.",
  CallFailed: "The call failed.",
} as const;

export type ReasonCode = keyof typeof REASONS;

/** A code, and the particulars in a short phrase ("asks for 8 nvidia.com/gpu, 4 are left"), which may be empty. */
export interface Reason {
  readonly code: ReasonCode;
  readonly detail: string;
}

export function reason(code: ReasonCode, detail = ""): Reason {
  return { code, detail };
}

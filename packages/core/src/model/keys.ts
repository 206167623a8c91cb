/** Labels, annotations and taints, ours and those of others that are honoured. */

export const CLASS_LABEL = "gpu-autoscaler.io/class";
export const PRIORITY_LABEL = "gpu-autoscaler.io/priority";
export const GANG_ANNOTATION = "gpu-autoscaler.io/gang";
export const GANG_SIZE_ANNOTATION = "gpu-autoscaler.io/gang-size";
/** On a gang: the topology key that its pods share; "none" lets it spread over zones. */
export const GANG_TOPOLOGY_ANNOTATION = "gpu-autoscaler.io/gang-topology";
export const INTERRUPTIBLE_ANNOTATION = "gpu-autoscaler.io/interruptible";
/** "true" on a pod with a controller that starts it again: it may be moved to another node. */
export const MOVABLE_ANNOTATION = "gpu-autoscaler.io/movable";
/** Set by the cluster's nodes through the kubelet, so that a node tells its pool. */
export const POOL_LABEL = "gpu-autoscaler.io/pool";
/** The model of the node's GPUs ("l4", "h100"), for pods that want a certain one. */
export const GPU_MODEL_LABEL = "gpu-autoscaler.io/gpu-model";
export const DRAINING_TAINT = "gpu-autoscaler.io/draining";
/** On a node that takes no new pods, so that it empties: others serve its pods for less. */
export const CLOSED_TAINT = "gpu-autoscaler.io/closed";
export const INTERRUPTED_TAINT = "gpu-autoscaler.io/interrupted";

/** On a node that we cordoned: the code of the reason, for whoever looks at the node. */
export const REASON_ANNOTATION = "gpu-autoscaler.io/reason";

export const SAFE_TO_EVICT_ANNOTATION = "cluster-autoscaler.kubernetes.io/safe-to-evict";
export const SCALE_DOWN_DISABLED_ANNOTATION = "cluster-autoscaler.kubernetes.io/scale-down-disabled";
export const DO_NOT_DISRUPT_ANNOTATION = "karpenter.sh/do-not-disrupt";
export const MIRROR_POD_ANNOTATION = "kubernetes.io/config.mirror";

export const HOSTNAME_LABEL = "kubernetes.io/hostname";
export const ZONE_LABEL = "topology.kubernetes.io/zone";
export const INSTANCE_TYPE_LABEL = "node.kubernetes.io/instance-type";
export const ARCH_LABEL = "kubernetes.io/arch";
export const OS_LABEL = "kubernetes.io/os";

/** What a user beside Cluster Autoscaler may do. */
export interface ClusterAutoscalerSettings {
  /**
   * Whether the users of a workload that starts over, such as a Job, and was interrupted keep its next
   * pods off Spot. Nothing of Cluster Autoscaler does that for them.
   */
  readonly onDemandAfterInterruption: boolean;
}

export const DEFAULT_SETTINGS: ClusterAutoscalerSettings = { onDemandAfterInterruption: false };

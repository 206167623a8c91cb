import type { Labels, Taint } from "./pod.ts";
import type { Resources } from "./resources.ts";
import type { EpochMs } from "./units.ts";

export interface Node {
  readonly name: string;
  readonly uid: string;
  /** The precondition of every patch. */
  readonly resourceVersion: string;
  /** The EC2 instance id, out of `spec.providerID`; null where it has none. */
  readonly instanceId: string | null;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly taints: readonly Taint[];
  /** `spec.unschedulable`: cordoned. */
  readonly unschedulable: boolean;
  /** Condition Ready is True. GPUs may still be missing from `allocatable`. */
  readonly ready: boolean;
  readonly createdAt: EpochMs;
  readonly allocatable: Resources;
}

import type { Policy } from "../../model/policy.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Fleet } from "../fleet.ts";

/**
 * Why nothing may be scaled down: with so many nodes unready, what looks unneeded is rather a fault
 * of network or control plane. Upcoming nodes count for neither. After Cluster Autoscaler's
 * `max-total-unready-percentage` and `ok-total-unready-count`.
 */
export function whyUnhealthy({ machines }: Fleet, { scaleDown }: Policy): Reason | null {
  let nodes = 0;
  let unready = 0;
  for (const { node, status } of machines) {
    if (!node || status === "upcoming") continue;
    nodes++;
    if (!node.ready) unready++;
  }
  const isHealthy =
    unready <= scaleDown.unreadyNodes || unready * 1000 <= nodes * scaleDown.unreadyShareMilli;
  return isHealthy ? null : reason("ClusterUnhealthy", `${unready} of ${nodes} nodes are unready`);
}

import { type EpochMs, hasEnded, type Pod } from "@gpu-autoscaler/core";
import type { Cluster, Machine } from "./cluster.ts";
import { difference } from "./difference.ts";
import { isProvisionable, type PodRecord, type PodRecords, recordOf } from "./pod-records.ts";

/** Takes up the pods as they are now. Gives those that have become provisionable. */
export function syncPods(
  cluster: Cluster,
  records: PodRecords,
  pods: readonly Pod[],
  now: EpochMs,
): readonly PodRecord[] {
  const { removed, changed } = difference(cluster.podList, pods, ({ uid }) => uid);
  cluster.podList = pods;
  for (const { uid } of removed) {
    const record = cluster.pods.get(uid);
    if (record) removePod(cluster, record, now);
  }
  const provisionable: PodRecord[] = [];
  for (const pod of changed) {
    const record = cluster.pods.get(pod.uid) ?? addPod(cluster, records, pod);
    record.pod = pod;
    bind(cluster, record, now);
    if (!isProvisionable(pod)) cluster.pending.delete(record);
    else if (!cluster.pending.has(record)) {
      cluster.pending.add(record);
      provisionable.push(record);
    }
  }
  return provisionable;
}

function addPod(cluster: Cluster, records: PodRecords, pod: Pod): PodRecord {
  const record = recordOf(records, pod);
  cluster.pods.set(pod.uid, record);
  return record;
}

function removePod(cluster: Cluster, record: PodRecord, now: EpochMs): void {
  unbind(cluster, record, now);
  cluster.pods.delete(record.pod.uid);
  cluster.pending.delete(record);
  cluster.consolidation += 1;
}

/** Puts the pod where it is bound now. A pod that begins to be deleted is placed anew. */
function bind(cluster: Cluster, record: PodRecord, now: EpochMs): void {
  const { pod, placed } = record;
  const machine = pod.nodeName === null || hasEnded(pod) ? null : (cluster.byNode.get(pod.nodeName) ?? null);
  if (machine === record.machine && placed?.deletedAt === pod.deletedAt) return;
  if (machine === null && record.machine === null) return;
  unbind(cluster, record, now);
  if (machine === null) return;
  cluster.consolidation += 1;
  record.machine = machine;
  record.placed = pod;
  machine.pods.add(record);
  if (machine.space) cluster.space.place(pod, machine.space);
  noteEvent(machine, record, now);
}

function unbind(cluster: Cluster, record: PodRecord, now: EpochMs): void {
  const { machine, placed } = record;
  if (machine === null || placed === null) return;
  if (machine.space) cluster.space.displace(placed, machine.space);
  machine.pods.delete(record);
  record.machine = null;
  record.placed = null;
  noteEvent(machine, record, now);
}

/** LastPodEventTime (core, nodeclaim/podevents/controller.go): pods of DaemonSets do not count. */
function noteEvent(machine: Machine, { pod }: PodRecord, now: EpochMs): void {
  if (pod.owner?.kind !== "DaemonSet") machine.lastPodEventAt = now;
}

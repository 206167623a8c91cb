import type { EpochMs, GpuMeasurement } from "@gpu-autoscaler/core";
import { LAST_SAMPLE_MS, MEASUREMENT_WINDOW_MS, SAMPLE_PERIOD_MS } from "./constants.ts";
import type { Device } from "./devices.ts";
import { sampleIsMissing } from "./script.ts";
import type { NodeState, WorldState } from "./state.ts";

const SAMPLES_DUE = MEASUREMENT_WINDOW_MS / SAMPLE_PERIOD_MS;

/**
 * What DCGM says of every GPU that gave a sample within the last half hour, in the order of the
 * nodes and of their GPUs. Samples are taken at the full half minutes; a window's mean is that of
 * the samples that came. A GPU without any in its window has its last value, and a coverage of 0.
 */
export function createMeasurements(world: WorldState): () => readonly GpuMeasurement[] {
  let made: { readonly key: string; readonly measurements: readonly GpuMeasurement[] } | null = null;
  return () => {
    const lastSample = lastSampleAt(world.events.now);
    const key = `${lastSample}/${world.changes.load}/${world.changes.nodes}`;
    if (made?.key !== key) made = { key, measurements: measureAll(world, lastSample) };
    return made.measurements;
  };
}

function measureAll(world: WorldState, lastSample: EpochMs): GpuMeasurement[] {
  const measurements: GpuMeasurement[] = [];
  for (const node of world.nodes.values()) {
    for (const device of node.devices) {
      const measurement = measure(world, node, device, lastSample);
      if (measurement) measurements.push(measurement);
    }
  }
  return measurements;
}

function measure(
  world: WorldState,
  { node }: NodeState,
  device: Device,
  lastSample: EpochMs,
): GpuMeasurement | null {
  const firstSample = lastSample - MEASUREMENT_WINDOW_MS + SAMPLE_PERIOD_MS;
  const oldestSample = lastSample - LAST_SAMPLE_MS;
  forgetBefore(device, world.script.outages.length > 0 ? oldestSample : firstSample);
  const measurement = { node: node.name, gpu: device.id, pods: holdersAt(device, lastSample) };
  const isSteady = device.since <= firstSample && (device.load.times.at(-1) ?? 0) <= firstSample;
  if (isSteady && world.script.outages.length === 0) {
    const value = device.load.values.at(-1) ?? 0;
    return {
      ...measurement,
      lastSampleAt: lastSample,
      lastUtilizationMilli: value,
      meanUtilizationMilli: value,
      coverageMilli: 1_000,
    };
  }

  let [count, sum, last] = [0, 0, 0];
  let cameAt: EpochMs | null = null;
  for (let at = firstSample; at <= lastSample; at += SAMPLE_PERIOD_MS) {
    if (at < device.since || sampleIsMissing(world.script, node.name, at)) continue;
    last = loadAt(device, at);
    sum += last;
    count += 1;
    cameAt = at;
  }
  if (cameAt !== null) {
    return {
      ...measurement,
      lastSampleAt: cameAt,
      lastUtilizationMilli: last,
      meanUtilizationMilli: Math.round(sum / count),
      coverageMilli: Math.round((count * 1_000) / SAMPLES_DUE),
    };
  }
  for (
    let at = firstSample - SAMPLE_PERIOD_MS;
    at > Math.max(oldestSample, device.since);
    at -= SAMPLE_PERIOD_MS
  ) {
    if (sampleIsMissing(world.script, node.name, at)) continue;
    const value = loadAt(device, at);
    return {
      ...measurement,
      lastSampleAt: at,
      lastUtilizationMilli: value,
      meanUtilizationMilli: value,
      coverageMilli: 0,
    };
  }
  return null;
}

/** The exporter names them as of the sample. */
function holdersAt({ holders }: Device, at: EpochMs): readonly string[] {
  if (holders.size === 0) return NOBODY;
  const pods: string[] = [];
  for (const [pod, since] of holders) if (since <= at) pods.push(pod);
  return pods;
}

const NOBODY: readonly string[] = [];

function loadAt({ load }: Device, at: EpochMs): number {
  for (let i = load.times.length - 1; i >= 0; i--) {
    if ((load.times[i] ?? 0) <= at) return load.values[i] ?? 0;
  }
  return 0;
}

/** Drops steps that no sample will fall on any more. */
function forgetBefore({ load }: Device, at: EpochMs): void {
  let over = 0;
  while ((load.times[over + 1] ?? Number.POSITIVE_INFINITY) <= at) over += 1;
  if (over === 0) return;
  load.times.splice(0, over);
  load.values.splice(0, over);
}

function lastSampleAt(now: EpochMs): EpochMs {
  return Math.floor(now / SAMPLE_PERIOD_MS) * SAMPLE_PERIOD_MS;
}

import { type PodRow, WHOLE_GPU_MILLI } from "./pod-row.ts";
import { alternatives, type Cell, type CellReader, name, oneOf, seconds, wholeNumber } from "./trace-cell.ts";

const MIB = 1024 * 1024;
/** Ten years: what is longer is a mistake in the unit. */
const LONGEST_S = 10 * 365 * 86_400;

/** Columns that must be there. Those after `gpus` may be absent, unknown ones are ignored. */
export const REQUIRED_COLUMNS = ["name", "submit_s", "duration_s", "gpus"] as const;

/** Of the columns that may be absent, and of empty cells in them. */
export const TRACE_DEFAULTS = {
  /** Whole GPUs. */
  gpuMilli: WHOLE_GPU_MILLI,
  /** For each GPU asked for, and for a share as much of it. As in the published Philly traces' reductions. */
  cpuMilliPerGpu: 2_000,
  memoryBytesPerGpu: 8 * 1024 * MIB,
  priority: "normal",
  class: "training",
  namespace: "default",
} as const;

const READERS = {
  name: name(253),
  submit_s: seconds(LONGEST_S, "zero allowed"),
  duration_s: seconds(LONGEST_S, "above zero"),
  gpus: wholeNumber(1, 1_024),
  gpu_milli: wholeNumber(1, WHOLE_GPU_MILLI),
  gpu_model: alternatives,
  cpu_milli: wholeNumber(0, 10_000_000),
  memory_mib: wholeNumber(0, 1_073_741_824),
  priority: oneOf(["high", "normal", "low"]),
  class: oneOf(["training", "batch", "serving"]),
  namespace: name(63),
  gang: name(253),
} as const;

/** Reads one row of a trace, whose cells are given by column; null when something was reported. */
export function readTraceRow(
  cells: ReadonlyMap<string, string>,
  report: (column: string, message: string) => void,
): PodRow | null {
  let broken = false;
  const problem = (column: string, message: string): null => {
    broken = true;
    report(column, message);
    return null;
  };
  function optional<T>(column: string, reader: CellReader<T>): T | null {
    const text = cells.get(column) ?? "";
    if (text === "") return null;
    const cell: Cell<T> = reader(text);
    return "value" in cell ? cell.value : problem(column, cell.problem);
  }
  function required<T>(column: (typeof REQUIRED_COLUMNS)[number], reader: CellReader<T>): T | null {
    return (cells.get(column) ?? "") === "" ? problem(column, "is empty") : optional(column, reader);
  }

  const row = {
    name: required("name", READERS.name),
    submitMs: required("submit_s", READERS.submit_s),
    durationMs: required("duration_s", READERS.duration_s),
    gpus: required("gpus", READERS.gpus),
    gpuMilli: optional("gpu_milli", READERS.gpu_milli) ?? TRACE_DEFAULTS.gpuMilli,
    gpuModels: optional("gpu_model", READERS.gpu_model) ?? [],
    cpuMilli: optional("cpu_milli", READERS.cpu_milli),
    memoryMiB: optional("memory_mib", READERS.memory_mib),
    priority: optional("priority", READERS.priority) ?? TRACE_DEFAULTS.priority,
    class: optional("class", READERS.class) ?? TRACE_DEFAULTS.class,
    namespace: optional("namespace", READERS.namespace) ?? TRACE_DEFAULTS.namespace,
    gang: optional("gang", READERS.gang),
  };
  const { memoryMiB, ...rest } = row;
  const { name: podName, submitMs, durationMs, gpus } = rest;
  if (broken || podName === null || submitMs === null || durationMs === null || gpus === null) return null;
  const wholeGpus = (gpus * rest.gpuMilli) / WHOLE_GPU_MILLI;
  return {
    ...rest,
    name: podName,
    submitMs,
    durationMs,
    gpus,
    cpuMilli: rest.cpuMilli ?? Math.round(wholeGpus * TRACE_DEFAULTS.cpuMilliPerGpu),
    memoryBytes:
      memoryMiB === null ? Math.round(wholeGpus * TRACE_DEFAULTS.memoryBytesPerGpu) : memoryMiB * MIB,
  };
}

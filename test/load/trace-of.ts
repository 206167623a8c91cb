import type { PodRow } from "@gpu-autoscaler/sandbox";

const MIB = 1024 ** 2;

/** The rows as a trace: CSV with every column, each cell quoted. */
export function traceOf(rows: readonly PodRow[]): string {
  const header =
    "name,submit_s,duration_s,gpus,gpu_milli,gpu_model,cpu_milli,memory_mib,priority,class,namespace,gang";
  const lines = rows.map((row) =>
    [
      row.name,
      row.submitMs / 1_000,
      row.durationMs / 1_000,
      row.gpus,
      row.gpuMilli,
      row.gpuModels.join("|"),
      row.cpuMilli,
      row.memoryBytes / MIB,
      row.priority,
      row.class,
      row.namespace,
      row.gang ?? "",
    ]
      .map((cell) => `"${String(cell).replaceAll('"', '""')}"`)
      .join(","),
  );
  return `${[header, ...lines].join("\n")}\n`;
}

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AutoscalerError } from "@gpu-autoscaler/core";

/** What `sst deploy` tells of the deployment that was made last from a folder. */
export interface DeploymentOutputs {
  readonly table: string | null;
  /** The workspace's prometheusEndpoint, by cluster. */
  readonly metricsUrls: Readonly<Record<string, string>>;
}

const NONE: DeploymentOutputs = { table: null, metricsUrls: {} };

/**
 * The outputs that SST leaves in `.sst/outputs.json` beside the configuration; nothing where it has
 * left none. Throws `invalid-outputs` when the file is no JSON.
 */
export function readOutputs(configFile: string): DeploymentOutputs {
  const file = join(dirname(configFile), ".sst", "outputs.json");
  if (!existsSync(file)) return NONE;
  const outputs = parsed(file);
  const clusters = Object.entries(fieldsOf(outputs.clusters)).flatMap(([name, told]) => {
    const { metrics } = fieldsOf(told);
    return typeof metrics === "string" ? [[name, metrics] as const] : [];
  });
  const { table } = outputs;
  return {
    table: typeof table === "string" ? table : null,
    metricsUrls: Object.fromEntries(clusters),
  };
}

function parsed(file: string): Record<string, unknown> {
  try {
    return fieldsOf(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AutoscalerError(
      "invalid-outputs",
      `${file}, which sst deploy writes, cannot be read (${why}): deploy again, or remove it and give --table and --metrics-url`,
      { data: { file }, cause },
    );
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AutoscalerError } from "@gpu-autoscaler/core";
import { type PodRow, readTrace } from "@gpu-autoscaler/sandbox";
import { dataFolder, NO_DATA } from "../../environment.ts";

const ENDING = ".csv.gz";

/** The traces of the folder of real inputs. */
export interface Traces {
  readonly names: readonly string[];
  pathOf(name: string): string;
  read(name: string): Promise<readonly PodRow[]>;
}

/**
 * @throws AutoscalerError "no-traces" where there is no such folder
 */
export function openTraces(): Traces {
  if (dataFolder === undefined) throw new AutoscalerError("no-traces", NO_DATA);
  const folder = join(dataFolder, "traces");
  if (!existsSync(folder)) {
    throw new AutoscalerError(
      "no-traces",
      `${folder} is not there: GPU_AUTOSCALER_DATA names the folder above it`,
    );
  }
  const files = readdirSync(folder).filter((file) => file.endsWith(ENDING));
  const names = files.map((file) => file.slice(0, -ENDING.length)).toSorted();
  const pathOf = (name: string) => join(folder, `${name}${ENDING}`);
  // The last one read is kept: runs come trace by trace.
  let last: { readonly name: string; readonly rows: readonly PodRow[] } | null = null;
  return {
    names,
    pathOf,
    async read(name) {
      if (last?.name !== name) last = { name, rows: await readTrace(pathOf(name)) };
      return last.rows;
    },
  };
}

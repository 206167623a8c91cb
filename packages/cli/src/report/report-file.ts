import { open } from "node:fs/promises";
import { AutoscalerError } from "@gpu-autoscaler/core";

/** Where the page goes. */
export interface ReportFile {
  /** @throws AutoscalerError "unwritable-file" */
  write(html: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the file, which is emptied: what cannot be written is refused before hours of simulation.
 *
 * @throws AutoscalerError "unwritable-file"
 */
export async function openReportFile(file: string): Promise<ReportFile> {
  const refuse = (cause: unknown): never => {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AutoscalerError("unwritable-file", `The report ${file} cannot be written: ${detail}`, {
      cause,
    });
  };
  const handle = await open(file, "w").catch(refuse);
  return {
    write: (html) => handle.writeFile(html).catch(refuse),
    close: () => handle.close(),
  };
}

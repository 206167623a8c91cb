import { once } from "node:events";
import { open } from "node:fs/promises";
import { AutoscalerError, type TickRecord } from "@gpu-autoscaler/core";

/** Where decisions are written, one JSON object a line. */
export interface EventsFile {
  append(policy: string, record: TickRecord): void;
  close(): Promise<void>;
}

/**
 * Opens the file, which is emptied.
 *
 * @throws AutoscalerError "unwritable-file"
 */
export async function openEventsFile(file: string): Promise<EventsFile> {
  const handle = await open(file, "w").catch((cause: unknown) => {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AutoscalerError("unwritable-file", `The events file ${file} cannot be written: ${detail}`, {
      cause,
    });
  });
  const stream = handle.createWriteStream();
  return {
    append: (policy, record) => {
      stream.write(`${JSON.stringify({ policy, ...record })}\n`);
    },
    close: async () => {
      stream.end();
      await once(stream, "close");
    },
  };
}

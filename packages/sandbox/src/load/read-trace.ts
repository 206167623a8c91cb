import { readFile } from "node:fs/promises";
import { parseTrace } from "./parse-trace.ts";
import type { PodRow } from "./pod-row.ts";
import { invalidTrace } from "./trace-problem.ts";

const CANNOT_READ: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "is a directory: give a file",
  ENOTDIR: "there is no such file",
  EACCES: "may not be read: check its permissions",
};

/**
 * Reads a pod trace from a file.
 *
 * @throws AutoscalerError "invalid-trace", see `parseTrace`, and when the file cannot be read
 */
export async function readTrace(file: string): Promise<PodRow[]> {
  return parseTrace(await bytesOf(file), file);
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const message = CANNOT_READ[code] ?? `cannot be read (${code || String(cause)})`;
    throw invalidTrace(file, [{ line: null, column: null, message }], cause);
  }
}

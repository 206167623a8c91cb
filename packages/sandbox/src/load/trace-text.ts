import { gunzipSync } from "node:zlib";
import { invalidTrace } from "./trace-problem.ts";

/** More text than this is no trace that could be simulated. */
const LARGEST_TEXT_BYTES = 256 * 1024 ** 2;

const TOO_LARGE = "is more than 256 MiB of text: give a part of it";

/**
 * The text of a trace's bytes: unpacked where they begin with gzip's magic number, whatever the
 * file's name.
 *
 * @throws AutoscalerError "invalid-trace" when gzip data is broken, what is there is not text, or too much
 */
export function traceText(bytes: Uint8Array, file: string): string {
  const plain = isGzip(bytes) ? gunzip(bytes, file) : bytes;
  if (plain.length > LARGEST_TEXT_BYTES)
    throw invalidTrace(file, [{ line: null, column: null, message: TOO_LARGE }]);
  const text = decode(plain);
  if (text !== null) return text;
  const named = file.endsWith(".gz") && !isGzip(bytes) ? ", nor is it gzip as its name says" : "";
  throw invalidTrace(file, [
    { line: null, column: null, message: `is not text${named}: give a CSV file, or one packed by gzip` },
  ]);
}

/** RFC 1952: ID1 and ID2. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gunzip(bytes: Uint8Array, file: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST_TEXT_BYTES });
  } catch (cause) {
    const tooLarge = cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
    const message = tooLarge ? TOO_LARGE : `its gzip data is broken or cut off (${String(cause)})`;
    throw invalidTrace(file, [{ line: null, column: null, message }], cause);
  }
}

/** UTF-8 without control characters that no CSV has; null otherwise. */
function decode(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

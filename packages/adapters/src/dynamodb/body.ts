import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { AutoscalerError } from "@gpu-autoscaler/core";
import * as z from "zod";

const compress = promisify(gzip);
const uncompress = promisify(gunzip);

/** A write costs a unit for each KB: what is larger is compressed, what is smaller can be read in the console. */
const COMPRESS_ABOVE_BYTES = 1_024;
/** Nothing of ours is near it; a broken item must not fill the memory. */
const MOST_BYTES = 64 * 1024 ** 2;

/** JSON text as it is stored. */
export type Body = { readonly json: { readonly S: string } } | { readonly gzip: { readonly B: Uint8Array } };

export const Body = z.union([
  z.object({ json: z.object({ S: z.string() }) }),
  z.object({ gzip: z.object({ B: z.instanceof(Uint8Array) }) }),
]);

export async function bodyOf(text: string): Promise<Body> {
  if (Buffer.byteLength(text) <= COMPRESS_ABOVE_BYTES) return { json: { S: text } };
  return { gzip: { B: await compress(text) } };
}

export function bodyBytes(body: Body): number {
  return "json" in body ? Buffer.byteLength(body.json.S) : body.gzip.B.byteLength;
}

/** The JSON of a body; throws `body-unreadable` where it is none. */
export async function readBody(body: Body, what: string): Promise<unknown> {
  try {
    const text =
      "json" in body
        ? body.json.S
        : (await uncompress(body.gzip.B, { maxOutputLength: MOST_BYTES })).toString();
    return JSON.parse(text);
  } catch (error) {
    throw new AutoscalerError("body-unreadable", `${what} cannot be read: remove the item`, { cause: error });
  }
}

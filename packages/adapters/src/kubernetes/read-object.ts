import { AutoscalerError } from "@gpu-autoscaler/core";
import * as z from "zod";
import { toDotPath } from "zod/v4/core";

/**
 * The fields of an object that are needed. Throws `InvalidKubernetesObject`, which names the
 * object and the first field that is not as it should be.
 */
export function readObject<Schema extends z.ZodType>(
  kind: string,
  schema: Schema,
  raw: unknown,
): z.output<Schema> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? "the object" : toDotPath(issue.path);
  throw invalidObject(kind, raw, `${field}: ${issue?.message ?? "invalid"}`, result.error);
}

/** Does something with an object, and names the object in the error that it throws, if any. */
export function naming<Result>(kind: string, raw: unknown, convert: () => Result): Result {
  try {
    return convert();
  } catch (error) {
    throw invalidObject(kind, raw, error instanceof Error ? error.message : String(error), error);
  }
}

function invalidObject(kind: string, raw: unknown, problem: string, cause?: unknown): AutoscalerError {
  const identity = identitySchema.safeParse(raw).data?.metadata;
  const name = [identity?.namespace, identity?.name ?? "without a name"].filter(Boolean).join("/");
  return new AutoscalerError("InvalidKubernetesObject", `${kind} ${name}: ${problem}`, {
    data: { kind, namespace: identity?.namespace ?? null, name: identity?.name ?? null },
    cause,
  });
}

const identitySchema = z.object({
  metadata: z.object({ namespace: z.string().nullish().catch(null), name: z.string().nullish().catch(null) }),
});

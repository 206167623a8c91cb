import * as z from "zod";

/**
 * A sample as Prometheus writes it: seconds since the epoch, and the value as text, which may be
 * NaN. Looked at and not copied: there are 24 of them for each GPU.
 */
const Sample = z.custom<readonly [seconds: number, value: string]>(
  (input) =>
    Array.isArray(input) && input.length === 2 && Number.isFinite(input[0]) && typeof input[1] === "string",
);

const Labels = z.record(z.string(), z.string());

/** Series with their samples, oldest first; one sample where the query gave an instant vector. */
export const QueryAnswer = z.object({
  status: z.literal("success"),
  data: z.discriminatedUnion("resultType", [
    z.object({
      resultType: z.literal("matrix"),
      result: z.array(z.object({ metric: Labels, values: z.array(Sample) })),
    }),
    z.object({
      resultType: z.literal("vector"),
      result: z.array(
        z
          .object({ metric: Labels, value: Sample })
          .transform(({ metric, value }) => ({ metric, values: [value] })),
      ),
    }),
  ]),
});

export type Series = z.infer<typeof QueryAnswer>["data"]["result"][number];

/** What stands in an answer that is none: Prometheus says `error`, AWS `message` or `Message`. */
export const Refusal = z
  .object({
    error: z.string().optional(),
    message: z.string().optional(),
    Message: z.string().optional(),
  })
  .transform(({ error, message, Message }) => error ?? message ?? Message ?? "");

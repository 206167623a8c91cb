import type { Clock, DurationMs } from "@gpu-autoscaler/core";
import { HttpResponse } from "@smithy/protocol-http";
import type { Ec2 } from "../ec2/ec2.ts";

/**
 * Notes by how much the clock here is ahead of EC2's, by the Date of its answers. Gives a question
 * that is answered once one has come; null before.
 */
export function noteClockSkew({ client }: Ec2, clock: Clock): () => DurationMs | null {
  let aheadMs: DurationMs | null = null;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result;
      const date = HttpResponse.isInstance(response) ? Date.parse(response.headers.date ?? "") : Number.NaN;
      if (!Number.isNaN(date)) aheadMs = clock.now() - date;
      return result;
    },
    { step: "deserialize", name: "noteClockSkew", priority: "low" },
  );
  return () => aheadMs;
}

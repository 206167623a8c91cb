import { AutoscalerError } from "@gpu-autoscaler/core";
import * as z from "zod";

const Name = z.string({ error: "is not set" }).min(1, "is empty");
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "SILENT", "CRITICAL"];

const Common = z.object({
  /** The cluster's name in autoscaler.config.ts. */
  CLUSTER: Name,
  TABLE_NAME: Name,
  /** The `prometheusEndpoint` of the AMP workspace; empty or absent: there is none. */
  METRICS_URL: z
    .union([z.literal(""), z.url({ protocol: /^https?$/, error: "is no URL of an AMP workspace" })])
    .optional(),
  POWERTOOLS_SERVICE_NAME: Name,
  POWERTOOLS_METRICS_NAMESPACE: Name,
  POWERTOOLS_LOG_LEVEL: z.enum(LEVELS, { error: `is none of ${LEVELS.join(", ")}` }).default("INFO"),
});

const Interruption = Common.extend({
  /** The ARN of the function that runs the cluster's ticks. */
  TICK_FUNCTION: Name,
});

/** What a function is told of its deployment. */
export interface Environment {
  readonly cluster: string;
  readonly tableName: string;
  readonly metricsUrl: string | null;
  readonly serviceName: string;
  readonly metricsNamespace: string;
}

export function tickEnvironment(variables: Variables = process.env): Environment {
  return common(read(Common, variables));
}

export function interruptionEnvironment(
  variables: Variables = process.env,
): Environment & { readonly tickFunction: string } {
  const values = read(Interruption, variables);
  return { ...common(values), tickFunction: values.TICK_FUNCTION };
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Throws `environment` with every problem that there is. */
function read<Schema extends z.ZodType>(schema: Schema, variables: Variables): z.output<Schema> {
  const result = schema.safeParse(variables);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
  throw new AutoscalerError(
    "environment",
    `the function's environment is not as \`sst deploy\` makes it: ${problems.join("; ")}. Deploy it again`,
    { data: { problems } },
  );
}

function common(values: z.infer<typeof Common>): Environment {
  return {
    cluster: values.CLUSTER,
    tableName: values.TABLE_NAME,
    metricsUrl: values.METRICS_URL || null,
    serviceName: values.POWERTOOLS_SERVICE_NAME,
    metricsNamespace: values.POWERTOOLS_METRICS_NAMESPACE,
  };
}

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as z from "zod";

/** A member of a structure, or of a list. */
const Member = z.object({
  shape: z.string(),
  locationName: z.string().optional(),
  queryName: z.string().optional(),
  documentation: z.string().optional(),
});
export type Member = z.output<typeof Member>;

const Shape = z.object({
  type: z.string(),
  members: z.record(z.string(), Member).optional(),
  member: Member.optional(),
  required: z.array(z.string()).optional(),
  enum: z.array(z.string()).optional(),
  pattern: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  flattened: z.boolean().optional(),
});
export type Shape = z.output<typeof Shape>;

const Operation = z.object({
  input: z.object({ shape: z.string() }).optional(),
  output: z.object({ shape: z.string(), resultWrapper: z.string().optional() }).optional(),
});

/** What AWS publishes of a service, in botocore's form. */
const ServiceModel = z.object({
  metadata: z.object({
    apiVersion: z.string(),
    protocol: z.enum(["query", "ec2", "json"]),
    targetPrefix: z.string().optional(),
    xmlNamespace: z.string().optional(),
  }),
  operations: z.record(z.string(), Operation),
  shapes: z.record(z.string(), Shape),
});
export type ServiceModel = z.output<typeof ServiceModel>;

/** By the names under which requests are signed. */
export type ServiceModels = ReadonlyMap<string, ServiceModel>;

/** Reads the newest model of each service. */
export async function readServiceModels(folder: string, services: readonly string[]): Promise<ServiceModels> {
  const models = services.map(async (service) => {
    const versions = (await readdir(join(folder, service))).toSorted();
    const packed = await readFile(join(folder, service, versions.at(-1) ?? "", "service-2.json.gz"));
    return [service, ServiceModel.parse(JSON.parse(gunzipSync(packed).toString()))] as const;
  });
  return new Map(await Promise.all(models));
}

/** The shape of that name. */
export function shapeNamed({ shapes }: ServiceModel, name: string): Shape {
  const shape = shapes[name];
  if (!shape) throw new Error(`the service model has no shape ${name}`);
  return shape;
}

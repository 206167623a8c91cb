import * as z from "zod";

/** A resource as the program registered it with Pulumi's engine. */
export const Resource = z.object({
  urn: z.string(),
  /** "aws:lambda/function:Function" */
  type: z.string(),
  /** The logical name. */
  name: z.string(),
  /** false: a component, which groups others. */
  custom: z.boolean(),
  retainOnDelete: z.boolean(),
  inputs: z.record(z.string(), z.unknown()),
});
export type Resource = z.output<typeof Resource>;

/** All that a deploy would make. */
export const Graph = z.object({
  resources: z.array(Resource),
  outputs: z.unknown(),
  /** What was thrown, in callbacks as well. */
  errors: z.array(z.string()),
});
export type Graph = z.output<typeof Graph>;

/** The resources of a type, by their logical names. */
export function allOf(graph: Graph, type: string): Resource[] {
  return graph.resources.filter((each) => each.type === type);
}

/** The inputs of a resource. */
export function inputsOf(graph: Graph, type: string, name: string): Resource["inputs"] {
  const all = allOf(graph, type);
  const found = all.find((each) => each.name === name);
  if (found) return found.inputs;
  throw new RangeError(`there is no ${type} ${name}, but ${all.map((each) => each.name).join(", ")}`);
}

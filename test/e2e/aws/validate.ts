import type { Member, ServiceModel, Shape } from "./service-model.ts";
import { shapeNamed } from "./service-model.ts";

/** A value of a request, read by the model. */
export type Value = string | number | boolean | Date | readonly Value[] | { readonly [name: string]: Value };

/** Parameters of the query protocols, by the dots in their names. */
export type Tree = string | { readonly [name: string]: Tree };

/** What of a request is not as the model has it. Empty when all is well. */
export type Problems = string[];

/** Reads a tree of parameters (query and ec2 protocols) by a shape. */
export function readTree(
  model: ServiceModel,
  shapeName: string,
  tree: Tree,
  path: string,
  problems: Problems,
): Value {
  const shape = shapeNamed(model, shapeName);
  const wrong = (what: string) => {
    problems.push(`${path || "the request"}: ${what}`);
    return "";
  };
  if (shape.type === "structure") {
    return typeof tree === "string"
      ? wrong("must be a structure")
      : readStructure(model, shape, tree, path, problems);
  }
  if (shape.type === "list") {
    return typeof tree === "string" ? wrong("must be a list") : readList(model, shape, tree, path, problems);
  }
  return typeof tree === "string" ? readScalar(shape, tree, wrong) : wrong(`must be a ${shape.type}`);
}

function readStructure(
  model: ServiceModel,
  shape: Shape,
  tree: { readonly [name: string]: Tree },
  path: string,
  problems: Problems,
): Value {
  const members = new Map(
    Object.entries(shape.members ?? {}).map(([name, member]) => [
      wireName(model, name, member),
      { name, member },
    ]),
  );
  const value: Record<string, Value> = {};
  for (const [wire, part] of Object.entries(tree)) {
    const known = members.get(wire);
    if (!known) problems.push(`${join(path, wire)}: unknown parameter`);
    else value[known.name] = readTree(model, known.member.shape, part, join(path, wire), problems);
  }
  noteMissing(shape, value, path, problems);
  checkFilters(model, shape, value, path, problems);
  return value;
}

/** EC2 puts the items right below the list's name, the query protocol below `member`. */
function readList(
  model: ServiceModel,
  shape: Shape,
  tree: { readonly [name: string]: Tree },
  path: string,
  problems: Problems,
): Value {
  const itemName = shape.member?.locationName ?? "member";
  const isFlat = model.metadata.protocol === "ec2" || shape.flattened === true;
  const items = isFlat ? tree : tree[itemName];
  if (items === undefined || typeof items === "string") {
    problems.push(`${path}: must be a list`);
    return [];
  }
  const values = Object.entries(items).map(([index, item]) => {
    if (!/^[1-9]\d*$/.test(index)) problems.push(`${join(path, index)}: must be a number from 1`);
    return readTree(model, shape.member?.shape ?? "", item, join(path, index), problems);
  });
  checkSize(shape, values.length, "items", (what) => problems.push(`${path}: ${what}`));
  return values;
}

/** Reads a JSON value by a shape. */
export function readJson(
  model: ServiceModel,
  shapeName: string,
  json: unknown,
  path: string,
  problems: Problems,
): Value {
  const shape = shapeNamed(model, shapeName);
  const wrong = (what: string) => {
    problems.push(`${path || "the request"}: ${what}`);
    return "";
  };
  if (shape.type === "structure") {
    if (typeof json !== "object" || json === null || Array.isArray(json)) return wrong("must be an object");
    const value: Record<string, Value> = {};
    for (const [name, part] of Object.entries(json)) {
      const member = shape.members?.[name];
      if (!member) problems.push(`${join(path, name)}: unknown parameter`);
      else value[name] = readJson(model, member.shape, part, join(path, name), problems);
    }
    noteMissing(shape, value, path, problems);
    return value;
  }
  if (shape.type === "list") {
    if (!Array.isArray(json)) return wrong("must be a list");
    const values = json.map((item, i) =>
      readJson(model, shape.member?.shape ?? "", item, join(path, `${i}`), problems),
    );
    checkSize(shape, values.length, "items", wrong);
    return values;
  }
  const isText = shape.type === "string";
  if (isText !== (typeof json === "string")) return wrong(`must be a ${shape.type}`);
  return readScalar(shape, String(json), wrong);
}

function readScalar(shape: Shape, text: string, wrong: (what: string) => Value): Value {
  switch (shape.type) {
    case "string": {
      checkSize(shape, text.length, "characters", wrong);
      if (shape.enum && !shape.enum.includes(text))
        wrong(`must be one of ${shape.enum.join(", ")}, not ${text}`);
      if (shape.pattern !== undefined && !patternOf(shape.pattern).test(text)) {
        wrong(`must match ${shape.pattern}`);
      }
      return text;
    }
    case "integer":
    case "long": {
      if (!/^-?\d+$/.test(text)) return wrong(`must be a whole number, not ${text}`);
      checkSize(shape, Number(text), "", wrong);
      return Number(text);
    }
    case "boolean":
      return text === "true" || text === "false" ? text === "true" : wrong("must be true or false");
    case "timestamp": {
      const at = new Date(text);
      return Number.isNaN(at.getTime()) ? wrong(`must be a time, not ${text}`) : at;
    }
    default:
      return wrong(`is of type ${shape.type}, which is not read here`);
  }
}

function checkSize({ min, max }: Shape, size: number, unit: string, wrong: (what: string) => unknown): void {
  if (min !== undefined && size < min) wrong(`must be at least ${min} ${unit}, not ${size}`);
  if (max !== undefined && size > max) wrong(`must be at most ${max} ${unit}, not ${size}`);
}

function noteMissing(shape: Shape, value: object, path: string, problems: Problems): void {
  for (const name of shape.required ?? []) {
    if (!(name in value)) problems.push(`${join(path, name)}: missing`);
  }
}

/** EC2's filters have names that only the documentation of the member lists, and 200 values at most. */
function checkFilters(
  model: ServiceModel,
  shape: Shape,
  value: { readonly [name: string]: Value },
  path: string,
  problems: Problems,
): void {
  const { Filters: filters } = value;
  if (model.metadata.protocol !== "ec2" || !Array.isArray(filters)) return;
  const names = shape.members?.Filters?.documentation ?? "";
  for (const filter of filters) {
    const { Name: name, Values: values } = Object(filter);
    if (!names.includes(`<code>${name}</code>`) && !String(name).startsWith("tag:")) {
      problems.push(`${join(path, "Filters")}: unknown filter ${name}`);
    }
    if (Array.isArray(values) && values.length > 200) problems.push(`filter ${name}: more than 200 values`);
  }
}

/** The name of a member in a request. Source: botocore's serializers of the query and EC2 protocols. */
function wireName({ metadata }: ServiceModel, name: string, { queryName, locationName }: Member): string {
  if (metadata.protocol !== "ec2") return locationName ?? name;
  const wire = queryName ?? locationName;
  return wire === undefined ? name : (queryName ?? wire.charAt(0).toUpperCase() + wire.slice(1));
}

const patterns = new Map<string, RegExp>();

/** Patterns are Java's: those that speak of surrogate pairs need Unicode's reading. */
function patternOf(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known) return known;
  const whole = `^(?:${pattern})$`;
  const made = pattern.includes("\\uD800") ? new RegExp(whole, "u") : new RegExp(whole);
  patterns.set(pattern, made);
  return made;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

import type { IncomingHttpHeaders } from "node:http";
import type { ServiceModel, ServiceModels } from "./service-model.ts";
import { type Problems, readJson, readTree, type Tree, type Value } from "./validate.ts";

/** A request that the service model allows. */
export interface AwsRequest {
  /** As it is signed for: "autoscaling", "ec2" or "pricing". */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly model: ServiceModel;
  readonly input: Value;
}

/** A request, or what of it AWS's model does not have. */
export type ReadRequest =
  | { readonly request: AwsRequest }
  | { readonly problems: Problems; readonly what: string };

/** Reads a request by the model of the service that it is signed for. */
export function readRequest(models: ServiceModels, headers: IncomingHttpHeaders, body: string): ReadRequest {
  const scope = /Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(headers.authorization ?? "");
  const [, region = "", service = ""] = scope ?? [];
  const model = models.get(service);
  if (!model)
    return { what: service || "a request", problems: ["it is signed for no service that is known here"] };
  const problems: Problems = [];
  const { operation, read } =
    model.metadata.protocol === "json"
      ? jsonRequest(model, headers, body)
      : queryRequest(model, body, problems);
  const what = `${service}:${operation}`;
  const known = model.operations[operation];
  if (!known) return { what, problems: ["the service has no such operation"] };
  const input = known.input ? read(known.input.shape, problems) : {};
  return problems.length > 0 ? { what, problems } : { request: { service, operation, region, model, input } };
}

interface Reader {
  readonly operation: string;
  readonly read: (shape: string, problems: Problems) => Value;
}

function queryRequest(model: ServiceModel, body: string, problems: Problems): Reader {
  const { Action: operation, Version: version, ...tree } = treeOf(new URLSearchParams(body), problems);
  if (version !== model.metadata.apiVersion) problems.push(`Version: must be ${model.metadata.apiVersion}`);
  return {
    operation: String(operation ?? ""),
    read: (shape, found) => readTree(model, shape, tree, "", found),
  };
}

function jsonRequest(model: ServiceModel, headers: IncomingHttpHeaders, body: string): Reader {
  const [prefix, operation = ""] = String(headers["x-amz-target"]).split(".");
  return {
    operation: prefix === model.metadata.targetPrefix ? operation : "",
    read: (shape, problems) => readJson(model, shape, JSON.parse(body || "{}"), "", problems),
  };
}

interface Branch {
  [name: string]: Branch | string;
}

/** `Filter.1.Value.2=x` as `{ Filter: { 1: { Value: { 2: "x" } } } }`. */
function treeOf(parameters: URLSearchParams, problems: Problems): { readonly [name: string]: Tree } {
  const root: Branch = {};
  for (const [name, value] of parameters) {
    const parts = name.split(".");
    const last = parts.pop() ?? "";
    const branch = branchAt(root, parts);
    if (branch) branch[last] = value;
    else problems.push(`${name}: is a value and a branch`);
  }
  return root;
}

/** Makes the branches on the way; null where a value stands in it. */
function branchAt(root: Branch, parts: readonly string[]): Branch | null {
  let branch = root;
  for (const part of parts) {
    const next = branch[part] ?? {};
    if (typeof next === "string") return null;
    branch[part] = next;
    branch = next;
  }
  return branch;
}

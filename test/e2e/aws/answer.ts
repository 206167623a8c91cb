import { type ServiceModel, type Shape, shapeNamed } from "./service-model.ts";

/** An answer on its way. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** An error as AWS tells it. */
export interface AwsFault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Throws it out of a handler: the answer is the fault. */
export class Refusal extends Error {
  readonly fault: AwsFault;

  constructor(code: string, message: string, status = 400) {
    super(`${code}: ${message}`);
    this.fault = { status, code, message };
  }
}

const XML = "text/xml;charset=UTF-8";
const REQUEST_ID = "00000000-0000-0000-0000-000000000000";

/** An operation's answer in its protocol. Throws for a member that the model does not have. */
export function writeAnswer(model: ServiceModel, operation: string, output: object): Answer {
  const { metadata, operations } = model;
  if (metadata.protocol === "json") {
    return { status: 200, contentType: "application/x-amz-json-1.1", body: JSON.stringify(output) };
  }
  const written = operations[operation]?.output;
  const inner = written ? members(model, shapeNamed(model, written.shape), output, operation) : "";
  const wrapper = written?.resultWrapper;
  const result = wrapper === undefined ? inner : element(wrapper, inner);
  const id =
    metadata.protocol === "ec2"
      ? element("requestId", REQUEST_ID)
      : element("ResponseMetadata", element("RequestId", REQUEST_ID));
  const body = `<${operation}Response xmlns="${metadata.xmlNamespace}">${result}${id}</${operation}Response>`;
  return { status: 200, contentType: XML, body };
}

export function writeFault({ metadata }: ServiceModel, { status, code, message }: AwsFault): Answer {
  if (metadata.protocol === "json") {
    const body = JSON.stringify({ __type: code, message });
    return { status, contentType: "application/x-amz-json-1.1", body };
  }
  const text = element("Code", code) + element("Message", escaped(message));
  const body =
    metadata.protocol === "ec2"
      ? element("Response", element("Errors", element("Error", text)) + element("RequestID", REQUEST_ID))
      : element(
          "ErrorResponse",
          element("Error", element("Type", "Sender") + text) + element("RequestId", REQUEST_ID),
        );
  return { status, contentType: XML, body };
}

function members(model: ServiceModel, shape: Shape, value: object, path: string): string {
  return Object.entries(value)
    .filter(([, part]) => part !== undefined && part !== null)
    .map(([name, part]) => {
      // What the SDK adds to what it read.
      if (name === "$metadata") return "";
      const member = shape.members?.[name];
      if (!member) throw new Error(`${path}: AWS's model has no member ${name}`);
      const wire = member.locationName ?? name;
      return written(model, shapeNamed(model, member.shape), wire, part, `${path}.${name}`);
    })
    .join("");
}

function written(model: ServiceModel, shape: Shape, name: string, value: unknown, path: string): string {
  if (shape.type === "list") {
    if (!Array.isArray(value)) throw new Error(`${path}: must be a list`);
    const itemName = shape.member?.locationName ?? "member";
    const itemShape = shapeNamed(model, shape.member?.shape ?? "");
    return element(name, value.map((item) => written(model, itemShape, itemName, item, path)).join(""));
  }
  if (shape.type === "structure") return element(name, members(model, shape, Object(value), path));
  return element(name, escaped(value instanceof Date ? value.toISOString() : String(value)));
}

function element(name: string, inner: string): string {
  return `<${name}>${inner}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

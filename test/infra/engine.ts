/**
 * Stands where SST's CLI expects the program `pulumi`. It runs the program that the CLI has bundled,
 * with the real platform's components, under Pulumi's mocks, and writes down every resource that is
 * registered. Its first argument is the folder by which it talks with `synth.ts`.
 */
import crypto from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { arnOf, computed, lookUp } from "./aws-answers.ts";
import type { Graph, Resource } from "./graph.ts";
import type { Engine, Registered, Registration, Runtime, Serialization } from "./pulumi-shapes.ts";
import { World } from "./world.ts";

const [exchange = ".", ...args] = process.argv.slice(2);
/** The program goes to another. */
const workingFolder = process.cwd();
const option = (name: string) => args[args.indexOf(name) + 1] ?? "";
const [organization = "", app = "", stage = ""] = (
  args[0] === "stack" ? (args[2] ?? "") : option("--stack")
).split("/");
const graph: { resources: Resource[]; errors: string[]; outputs: unknown } = {
  resources: [],
  errors: [],
  outputs: {},
};

if (args[0] === "up") await up();
else writeCheckpoint([]);

async function up(): Promise<void> {
  const world = World.parse(JSON.parse(readFileSync(join(exchange, "world.json"), "utf8")));
  const [, main = ""] = /^main: (.*)$/m.exec(readFileSync("Pulumi.yaml", "utf8")) ?? [];
  // The platform's own copy: another would not share its state.
  const requireOfPlatform = createRequire(join(dirname(main), "package.json"));
  const runtime: Runtime = requireOfPlatform("@pulumi/pulumi").runtime;
  const { getMonitor }: { getMonitor: () => Engine } = requireOfPlatform("@pulumi/pulumi/runtime/settings");
  const serialization: Serialization = requireOfPlatform("@pulumi/pulumi/runtime/rpc");

  // Names that SST ends at random are the same in every run.
  Object.assign(crypto, { randomBytes: (length: number) => Buffer.alloc(length, 0x5a) });
  process.on("unhandledRejection", (error) => fail(error));
  process.once("beforeExit", finish);
  await runtime.setMocks(mocksOf(world), app, stage, false);
  record(getMonitor(), serialization);
  await runtime
    .runInPulumiStack(async () => {
      const program: { readonly default: unknown } = await import(main);
      return program.default;
    })
    .then(
      (outputs) => {
        graph.outputs = outputs;
      },
      (error: unknown) => fail(error),
    );
}

function mocksOf(world: World) {
  return {
    newResource({ type, name: logicalName, id: given, inputs }: Registered) {
      const name = String(given || inputs.name || logicalName);
      const state = { ...inputs, name, arn: arnOf(type, name), ...computed(type, name, inputs) };
      // Without an id what depends on the resource would silently not be called.
      return { id: given || name, state };
    },
    call({ token, inputs }: { readonly token: string; readonly inputs: Readonly<Record<string, unknown>> }) {
      try {
        return { id: "found", ...lookUp(token, inputs, world) };
      } catch (error) {
        fail(error);
        throw error;
      }
    },
  };
}

/** Hears of every resource on its way to the engine. */
function record(
  engine: Engine,
  { deserializeProperties, isRpcSecret, unwrapRpcSecret }: Serialization,
): void {
  const plain = (value: unknown): unknown => {
    if (isRpcSecret(value)) return plain(unwrapRpcSecret(value));
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    if ("__pulumiAsset" in value || "__pulumiArchive" in value) return "[asset]";
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  };
  const fieldsOf = (value: unknown) => ({ ...Object(plain(value)) });

  const newUrn = engine.newUrn.bind(engine);
  // As the real engine makes them: a resource right below the stack has no parent in its URN.
  engine.newUrn = (parent, type, name) =>
    newUrn(parent?.includes("::pulumi:pulumi:Stack::") ? "" : parent, type, name);

  const register = engine.registerResource.bind(engine);
  engine.registerResource = (request: Registration, answer) =>
    register(request, (error, response) => {
      if (!error) {
        graph.resources.push({
          urn: response.getUrn(),
          type: request.getType(),
          name: request.getName(),
          custom: request.getCustom(),
          retainOnDelete: request.getRetainondelete() === true,
          inputs: fieldsOf(deserializeProperties(request.getObject())),
        });
      }
      answer(error, response);
    });
}

function fail(error: unknown): void {
  graph.errors.push(String(error instanceof Error ? (error.stack ?? error.message) : error));
}

function finish(): void {
  graph.resources.sort((a, b) => (a.urn < b.urn ? -1 : 1));
  const whole: Graph = graph;
  writeFileSync(join(exchange, "graph.json"), JSON.stringify(whole));
  const isStack = ({ type }: Resource) => type === "pulumi:pulumi:Stack";
  // The CLI takes the outputs of the first.
  const stackFirst = [...graph.resources].sort((a, b) => Number(isStack(b)) - Number(isStack(a)));
  writeCheckpoint(
    stackFirst.map((each) => ({
      urn: each.urn,
      type: each.type,
      custom: each.custom,
      ...(each.custom ? { id: each.name } : {}),
      ...(isStack(each) ? { outputs: graph.outputs } : {}),
    })),
  );
  const summary = { sequence: 0, timestamp: 0, summaryEvent: { resourceChanges: {} } };
  appendFileSync(option("--event-log"), `${JSON.stringify(summary)}\n`);
  process.exit(graph.errors.length > 0 ? 1 : 0);
}

/** The state that the CLI reads afterwards. */
function writeCheckpoint(resources: readonly object[]): void {
  const file = join(workingFolder, ".pulumi/stacks", app, `${stage}.json`);
  mkdirSync(dirname(file), { recursive: true });
  const manifest = { time: "2026-01-01T00:00:00Z", magic: "", version: "" };
  const latest = { manifest, secrets_providers: { type: "" }, resources };
  const checkpoint = { stack: `${organization}/${app}/${stage}`, latest };
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint }));
}

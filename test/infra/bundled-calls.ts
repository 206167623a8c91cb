import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFunction, type FunctionName } from "../../functions/bundle.ts";
import { ROOT } from "./repository.ts";

/** IAM's names of services, by the SDK's client. */
const SERVICES: Readonly<Record<string, string>> = {
  "client-auto-scaling": "autoscaling",
  "client-dynamodb": "dynamodb",
  "client-ec2": "ec2",
  "client-eks": "eks",
  "client-lambda": "lambda",
  "client-pricing": "pricing",
};

/** Where the action is called otherwise than the command. */
const ACTIONS: Readonly<Record<string, string>> = { "lambda:Invoke": "lambda:InvokeFunction" };

/** The IAM actions of all calls to AWS that a function's bundle has the code of. */
export async function bundledCalls(handler: FunctionName): Promise<Set<string>> {
  const folder = await mkdtemp(join(tmpdir(), "gpu-autoscaler-bundle-"));
  const { metafile } = await bundleFunction(ROOT, handler, join(folder, `${handler}.cjs`));
  await rm(folder, { recursive: true });
  const kept = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const ours = kept.filter((path) => path.startsWith("packages/adapters/src/"));
  const texts = await Promise.all(ours.map((path) => readFile(join(ROOT, path), "utf8")));
  return new Set(texts.flatMap(callsIn));
}

function callsIn(text: string): string[] {
  const imports = [...text.matchAll(/import \{([^}]*)\} from "@aws-sdk\/(client-[\w-]+)"/g)];
  const commands = imports.flatMap(([, names = "", client = ""]) =>
    [...names.matchAll(/\b(\w+)Command\b/g)].map(([, name = ""]) => {
      const service = SERVICES[client];
      if (service === undefined) throw new RangeError(`the IAM name of ${client} is not known`);
      return `${service}:${name}`;
    }),
  );
  // Managed Prometheus is queried without a client.
  const queries = text.includes('createCaller(access, "aps")') ? ["aps:QueryMetrics"] : [];
  return [...commands, ...queries].map((action) => ACTIONS[action] ?? action);
}

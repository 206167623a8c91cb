import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Clock, MINUTE_MS } from "@gpu-autoscaler/core";
import type { ChosenContext } from "./chosen-context.ts";
import { type Credentials, runPlugin } from "./exec-plugin.ts";
import { kubeconfigError, messageOf } from "./kubeconfig-error.ts";
import { pemOf } from "./server-of.ts";

export interface CredentialOptions {
  readonly clock: Clock;
  /** What exec plugins run with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** After which a plugin is given up. */
  readonly pluginTimeoutMs: number;
}

/** client-go reads a token's file again after a minute. */
const TOKEN_FILE_AGE_MS = MINUTE_MS;

/** What the context's user is let in with, by client-go's precedence. Throws `invalid-kubeconfig`. */
export async function credentialsOf(
  { cluster, user }: ChosenContext,
  { clock, environment, pluginTimeoutMs }: CredentialOptions,
): Promise<Credentials> {
  const { place, file, value } = user;
  refuseUnsupported(user);
  const clientCertificate = await clientCertificateOf(user);
  if (value.tokenFile) {
    const path = resolve(dirname(file), value.tokenFile);
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      const problem = `${path} cannot be read (${messageOf(error)}): correct the path`;
      throw kubeconfigError(`${place}, tokenFile`, problem, error);
    });
    const token = textOf(`${place}, tokenFile`, text);
    return { token, clientCertificate, goodUntil: clock.now() + TOKEN_FILE_AGE_MS };
  }
  if (value.token)
    return { token: textOf(`${place}, token`, value.token), clientCertificate, goodUntil: null };
  if (value.exec) {
    const plugin = value.exec;
    const run = { place, file, plugin, cluster, environment, timeoutMs: pluginTimeoutMs };
    const given = await runPlugin(run);
    return { ...given, clientCertificate: given.clientCertificate ?? clientCertificate };
  }
  if (clientCertificate) return { token: null, clientCertificate, goodUntil: null };
  throw kubeconfigError(
    place,
    "has no token, client certificate or exec plugin: `aws eks update-kubeconfig` writes a user that has",
  );
}

async function clientCertificateOf({
  place,
  file,
  value,
}: ChosenContext["user"]): Promise<Credentials["clientCertificate"]> {
  const certificate = await pemOf(
    { place, file, field: "client-certificate" },
    value["client-certificate-data"],
    value["client-certificate"],
  );
  const key = await pemOf(
    { place, file, field: "client-key" },
    value["client-key-data"],
    value["client-key"],
  );
  if (certificate !== null && key !== null) return { certificate, key };
  if (certificate === null && key === null) return null;
  const lacking = key === null ? "client-key" : "client-certificate";
  throw kubeconfigError(place, `has but half of a client certificate: add ${lacking} or ${lacking}-data`);
}

/** One line: a token that is broken over several would end its header. */
function textOf(place: string, text: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw kubeconfigError(place, "holds no token: one word is due, without spaces or other lines");
}

function refuseUnsupported({ place, value }: ChosenContext["user"]): void {
  const problem = value["auth-provider"]
    ? `auth-provider${value["auth-provider"].name && ` "${value["auth-provider"].name}"`} is no longer part of Kubernetes: give a user with an exec plugin`
    : value.username
      ? "user names with passwords are no longer part of Kubernetes: give a user with a token, a client certificate or an exec plugin"
      : value.as
        ? `acts as "${value.as}", which is not supported: give a context whose user needs not`
        : null;
  if (problem !== null) throw kubeconfigError(place, problem);
}

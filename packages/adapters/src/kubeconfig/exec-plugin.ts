import { execFile } from "node:child_process";
import { dirname, resolve } from "node:path";
import { type AutoscalerError, type EpochMs, SECOND_MS } from "@gpu-autoscaler/core";
import type { Chosen } from "./chosen-context.ts";
import { kubeconfigError } from "./kubeconfig-error.ts";
import { ExecCredential, type ExecPlugin, type KubeconfigCluster } from "./schemas.ts";

/** What a user of a kubeconfig is let in with. */
export interface Credentials {
  /** null: the client certificate is all. */
  readonly token: string | null;
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | null;
  /** Until when they are used; null: until they are refused. */
  readonly goodUntil: EpochMs | null;
}

export interface PluginRun {
  readonly place: string;
  /** The kubeconfig: a command with a slash is relative to its folder. */
  readonly file: string;
  readonly plugin: ExecPlugin;
  readonly cluster: Chosen<KubeconfigCluster>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
}

const VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
/** A token is asked for anew so long before its end. */
const RENEW_BEFORE_MS = 60 * SECOND_MS;
const MOST_OUTPUT_BYTES = 1024 * 1024;
const SHOWN_CHARACTERS = 400;

/**
 * Runs an exec plugin, as client-go does (KEP-541), without a terminal. Throws `invalid-kubeconfig`
 * with the command, what it said, and the mend.
 */
export async function runPlugin(run: PluginRun): Promise<Credentials> {
  const { place, plugin } = run;
  if (!VERSIONS.includes(plugin.apiVersion)) {
    throw kubeconfigError(
      `${place}, exec.apiVersion`,
      `"${plugin.apiVersion}" is not supported, ${VERSIONS.join(" and ")} are: update the plugin, and let it write its entry anew`,
    );
  }
  if (plugin.interactiveMode === "Always") {
    throw kubeconfigError(
      `${place}, exec.interactiveMode`,
      `\`${plugin.command}\` wants to ask at a terminal, which it has not here: give a user whose plugin does not ask`,
    );
  }
  return credentialsIn(place, plugin.command, await outputOf(run));
}

function outputOf({ place, file, plugin, cluster, environment, timeoutMs }: PluginRun): Promise<string> {
  const { command, args, env } = plugin;
  const program = /[/\\]/.test(command) ? resolve(dirname(file), command) : command;
  const { promise, resolve: done, reject } = Promise.withResolvers<string>();
  const child = execFile(
    program,
    args ?? [],
    {
      env: {
        ...environment,
        ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: execInfo(plugin, cluster.value),
      },
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: MOST_OUTPUT_BYTES,
    },
    (error, stdout, stderr) =>
      error ? reject(whyFailed({ place, plugin, timeoutMs, error, stderr })) : done(stdout),
  );
  child.stdin?.end();
  return promise;
}

/** What the plugin is told in the variable of this name. */
function execInfo({ apiVersion, provideClusterInfo }: ExecPlugin, cluster: KubeconfigCluster): string {
  const told = {
    server: cluster.server,
    ...(cluster["certificate-authority-data"] && {
      "certificate-authority-data": cluster["certificate-authority-data"],
    }),
    ...(cluster["tls-server-name"] && { "tls-server-name": cluster["tls-server-name"] }),
  };
  const spec = { interactive: false, ...(provideClusterInfo && { cluster: told }) };
  return JSON.stringify({ kind: "ExecCredential", apiVersion, spec });
}

interface Failure {
  readonly place: string;
  readonly plugin: ExecPlugin;
  readonly timeoutMs: number;
  readonly error: Error & { readonly code?: unknown; readonly killed?: boolean };
  readonly stderr: string;
}

function whyFailed({ place, plugin, timeoutMs, error, stderr }: Failure): AutoscalerError {
  const command = [plugin.command, ...(plugin.args ?? [])].join(" ");
  const said = stderr.trim().slice(-SHOWN_CHARACTERS);
  if (error.code === "ENOENT" || error.code === "EACCES") {
    const hint = plugin.installHint?.trim().replaceAll(/\s+/g, " ");
    const mend = hint || "install it, or correct the command";
    return kubeconfigError(`${place}, exec.command`, `\`${plugin.command}\` cannot be run: ${mend}`, error);
  }
  const why = error.killed
    ? `gave no token within ${timeoutMs / SECOND_MS} s`
    : `failed${typeof error.code === "number" ? ` with exit status ${error.code}` : ""}`;
  const mend = "run it in a terminal, and renew the credentials that it uses";
  return kubeconfigError(`${place}, exec`, `\`${command}\` ${why}${said && ` (${said})`}: ${mend}`, error);
}

function credentialsIn(place: string, command: string, output: string): Credentials {
  const { data } = ExecCredential.safeParse(parsed(output));
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = data?.status ?? {};
  const isWhole = Boolean(token) || Boolean(clientCertificateData && clientKeyData);
  if (!data || !isWhole || !VERSIONS.includes(data.apiVersion)) {
    throw kubeconfigError(
      `${place}, exec`,
      `\`${command}\` printed no ExecCredential with a token or a client certificate: run it in a terminal, and update it`,
    );
  }
  const expires = expirationTimestamp ? Date.parse(expirationTimestamp) : Number.NaN;
  return {
    token: token || null,
    clientCertificate:
      clientCertificateData && clientKeyData
        ? { certificate: clientCertificateData, key: clientKeyData }
        : null,
    goodUntil: Number.isNaN(expires) ? null : expires - RENEW_BEFORE_MS,
  };
}

function parsed(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return null;
  }
}

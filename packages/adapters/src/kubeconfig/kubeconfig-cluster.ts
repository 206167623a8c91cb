import { type Clock, SECOND_MS } from "@gpu-autoscaler/core";
import type { ApiServer, ClusterAccess } from "../kubernetes/api/cluster-access.ts";
import { chooseContext } from "./chosen-context.ts";
import { type CredentialOptions, credentialsOf } from "./credentials-of.ts";
import { type EksClusterTold, eksClusterTold } from "./eks-cluster-told.ts";
import type { Credentials } from "./exec-plugin.ts";
import type { KubeconfigFiles } from "./kubeconfig-files.ts";
import { readKubeconfig } from "./read-kubeconfig.ts";
import { serverOf } from "./server-of.ts";

export interface KubeconfigOptions {
  readonly files: KubeconfigFiles;
  /** Instead of the current one. */
  readonly context?: string;
  readonly clock: Clock;
  /** What exec plugins run with, such as `aws eks get-token`. */
  readonly environment: CredentialOptions["environment"];
  /** After which an exec plugin is given up; absent: 30 s. */
  readonly pluginTimeoutMs?: number;
}

/** A cluster as a kubeconfig leads to it. */
export interface OpenedKubeconfig {
  readonly access: ClusterAccess;
  /** The context's name. */
  readonly context: string;
  readonly endpoint: string;
  readonly told: EksClusterTold;
}

const PLUGIN_TIMEOUT_MS = 30 * SECOND_MS;

/**
 * The way into a cluster as the user of a kubeconfig: by client certificate, token, a token's file
 * or an exec plugin, which runs when it is first needed, and again when its token ends or is
 * refused. Nothing is sent. Throws `invalid-kubeconfig` with the place and the mend; so do the
 * calls of `access`.
 */
export async function openKubeconfig(options: KubeconfigOptions): Promise<OpenedKubeconfig> {
  const { files, context, clock, environment, pluginTimeoutMs = PLUGIN_TIMEOUT_MS } = options;
  const chosen = chooseContext(await readKubeconfig(files), context);
  const server = await serverOf(chosen.cluster);
  let kept: Credentials | null = null;
  let asking: Promise<Credentials> | null = null;

  /** Requests that begin together ask a plugin once. */
  function credentials(): Promise<Credentials> {
    if (kept && (kept.goodUntil === null || clock.now() < kept.goodUntil)) return Promise.resolve(kept);
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  }

  async function ask(): Promise<Credentials> {
    const given = await credentialsOf(chosen, { clock, environment, pluginTimeoutMs });
    kept = given;
    return given;
  }

  const access: ClusterAccess = {
    name: chosen.name,
    lookUp: async () => withCertificate(server, await credentials()),
    token: async () => (await credentials()).token ?? "",
    forget() {
      kept = null;
    },
  };
  return { access, context: chosen.name, endpoint: server.endpoint, told: eksClusterTold(chosen) };
}

function withCertificate(server: ApiServer, { clientCertificate }: Credentials): ApiServer {
  return clientCertificate ? { ...server, tls: { ...server.tls, clientCertificate } } : server;
}

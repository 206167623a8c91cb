import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ApiServer } from "../kubernetes/api/cluster-access.ts";
import type { Chosen } from "./chosen-context.ts";
import { kubeconfigError, messageOf } from "./kubeconfig-error.ts";
import type { KubeconfigCluster } from "./schemas.ts";

/** The API server of a kubeconfig's cluster, without what a user adds. Throws `invalid-kubeconfig`. */
export async function serverOf({ place, file, value }: Chosen<KubeconfigCluster>): Promise<ApiServer> {
  const proxy = value["proxy-url"];
  if (proxy) {
    throw kubeconfigError(
      `${place}, proxy-url`,
      "proxies are not supported: reach the API server directly, or through a tunnel whose local end is `server`, with `tls-server-name` of the API server",
    );
  }
  const serverName = value["tls-server-name"];
  const skips = value["insecure-skip-tls-verify"] === true;
  return {
    endpoint: addressOf(place, value.server),
    certificateAuthority: await pemOf(
      { place, file, field: "certificate-authority" },
      value["certificate-authority-data"],
      value["certificate-authority"],
    ),
    ...((serverName || skips) && {
      tls: { ...(serverName && { serverName }), ...(skips && { skipsVerification: true }) },
    }),
  };
}

function addressOf(place: string, server: string): string {
  const url = URL.canParse(server) ? new URL(server) : null;
  const isOfWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (url === null || !isOfWeb) {
    throw kubeconfigError(
      `${place}, server`,
      `"${server}" is no address of an API server: it begins with https://`,
    );
  }
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "http:" && !isLocal) {
    throw kubeconfigError(
      `${place}, server`,
      `"${server}" would send credentials in the clear: it must begin with https://`,
    );
  }
  return server.replace(/\/+$/, "");
}

interface PemPlace {
  readonly place: string;
  readonly file: string;
  /** Without "-data". */
  readonly field: string;
}

/** PEM text that is there as base64, or in a file whose path is relative to the kubeconfig. The data wins, as in kubectl. */
export async function pemOf(
  { place, file, field }: PemPlace,
  data: string | null | undefined,
  path: string | null | undefined,
): Promise<string | null> {
  if (data) {
    const text = Buffer.from(data, "base64").toString();
    return checkedPem(`${place}, ${field}-data`, text, "is no PEM in base64");
  }
  if (!path) return null;
  const found = resolve(dirname(file), path);
  const text = await readFile(found, "utf8").catch((error: unknown) => {
    throw kubeconfigError(
      `${place}, ${field}`,
      `${found} cannot be read (${messageOf(error)}): correct the path`,
      error,
    );
  });
  return checkedPem(`${place}, ${field}`, text, `${found} is no PEM`);
}

function checkedPem(place: string, text: string, problem: string): string {
  if (text.includes("-----BEGIN ")) return text;
  throw kubeconfigError(
    place,
    `${problem}: put in what \`kubectl config view --raw\` shows of one that works`,
  );
}

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { inspectKubernetes } from "@gpu-autoscaler/adapters/inspection";
import { openKubeconfig } from "@gpu-autoscaler/adapters/kubeconfig";
import { afterAll, describe, expect, test } from "vitest";

/** The way in over TLS, before a server that asks for a client's certificate. */

const OPENSSL = "openssl";
const folder = mkdtempSync(join(tmpdir(), "kubeconfig-tls-"));
const at = (name: string) => join(folder, name);
const base64 = (name: string) => readFileSync(at(name)).toString("base64");

/** Makes an authority, a server's certificate for the name "api.internal", and a client's; null where they can be made. */
function whyNoCertificates(): string | null {
  const openssl = (...args: string[]) => execFileSync(OPENSSL, args, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"];
  try {
    openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=authority");
    writeFileSync(at("names"), "subjectAltName=DNS:api.internal");
    for (const [name, subject] of [
      ["server", "/CN=api.internal"],
      ["client", "/CN=jane/O=developers"],
    ] as const) {
      openssl(
        "req",
        "-new",
        ...key.slice(0, 3),
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.csr`,
        "-subj",
        subject,
      );
      const signed = [
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names",
      ];
      openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.crt`);
    }
    return null;
  } catch (error) {
    return `openssl makes no certificates: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const missing = whyNoCertificates();

describe.skipIf(missing !== null)(
  `TLS of a kubeconfig${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    const seen: { readonly client: string; readonly authorization: string | undefined }[] = [];
    const server =
      missing === null
        ? createServer(
            {
              key: readFileSync(at("server.key")),
              cert: readFileSync(at("server.crt")),
              ca: readFileSync(at("ca.crt")),
              requestCert: true,
              rejectUnauthorized: false,
            },
            ({ socket, headers }, response) => {
              const peer =
                socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate() : null;
              seen.push({
                client: String(peer?.subject.CN ?? "nobody"),
                authorization: headers.authorization,
              });
              response.setHeader("content-type", "application/json");
              response.end(JSON.stringify({ major: "1", minor: "35+", gitVersion: "v1.35.1" }));
            },
          )
        : null;
    afterAll(() => server?.close());

    /** Asks for the API server's version by a kubeconfig of these parts. */
    async function versionBy(cluster: object, user: object, timeMs = 30_000) {
      if (!server) throw new Error("there is no server");
      if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      const file = at("kubeconfig");
      const content = {
        "current-context": "c",
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        clusters: [{ name: "c", cluster: { server: `https://127.0.0.1:${port}`, ...cluster } }],
        users: [{ name: "u", user }],
      };
      writeFileSync(file, JSON.stringify(content));
      const clock = { now: () => Date.now() };
      const files = { files: [file], required: true };
      const { access } = await openKubeconfig({ files, clock, environment: {} });
      const deadline = Date.now() + timeMs;
      const inspection = inspectKubernetes({ access, clock, deadline: () => deadline });
      try {
        return await inspection.version();
      } finally {
        await inspection.close();
      }
    }

    const trusted = () => ({
      "certificate-authority-data": base64("ca.crt"),
      "tls-server-name": "api.internal",
    });

    test("a client certificate lets its bearer in, without a token", async () => {
      const user = { "client-certificate": "client.crt", "client-key": "client.key" };
      expect(await versionBy(trusted(), user)).toEqual({ major: 1, minor: 35, text: "v1.35.1" });
      expect(seen.at(-1)).toEqual({ client: "jane", authorization: undefined });
    });

    test("a token goes without a certificate", async () => {
      await versionBy(trusted(), { token: "secret" });
      expect(seen.at(-1)).toEqual({ client: "nobody", authorization: "Bearer secret" });
    });

    test.each([
      ["of another name", { "certificate-authority-data": () => base64("ca.crt") }],
      ["of an unknown authority", { "tls-server-name": () => "api.internal" }],
    ])("a server with a certificate %s is not trusted, and is sent no token", async (_, parts) => {
      const before = seen.length;
      const cluster = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, value()]));
      await expect(versionBy(cluster, { token: "secret" }, 2_000)).rejects.toMatchObject({
        code: "kubernetes-unreachable",
      });
      expect(seen).toHaveLength(before);
    });

    test("insecure-skip-tls-verify trusts it all the same", async () => {
      expect(await versionBy({ "insecure-skip-tls-verify": true }, { token: "secret" })).toMatchObject({
        minor: 35,
      });
    });
  },
);

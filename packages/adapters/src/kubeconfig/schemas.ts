import * as z from "zod";

/** The parts of a kubeconfig (client.config.k8s.io/v1) that lead to an API server. */

const text = z.string({ error: "must be a text" }).nullish();
const flag = z.boolean({ error: "must be true or false" }).nullish();

export const KubeconfigCluster = z.object({
  server: z.string({ error: 'is missing: the address of the API server, such as "https://…"' }),
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": flag,
  "tls-server-name": text,
  "proxy-url": text,
});
export type KubeconfigCluster = z.infer<typeof KubeconfigCluster>;

const ExecPlugin = z.object({
  apiVersion: z.string({ error: 'is missing: such as "client.authentication.k8s.io/v1"' }),
  command: z.string({ error: 'is missing: the program that gives a token, such as "aws"' }),
  args: z.array(z.string({ error: "must be a text" }), { error: "must be a list of texts" }).nullish(),
  env: z
    .array(z.object({ name: z.string(), value: z.string() }), {
      error: "must be a list of { name, value }",
    })
    .nullish(),
  interactiveMode: z
    .enum(["Never", "IfAvailable", "Always"], { error: "must be Never, IfAvailable or Always" })
    .nullish(),
  provideClusterInfo: flag,
  installHint: text,
});
export type ExecPlugin = z.infer<typeof ExecPlugin>;

export const KubeconfigUser = z.object({
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  token: text,
  tokenFile: text,
  username: text,
  as: text,
  exec: ExecPlugin.nullish(),
  "auth-provider": z.object({ name: z.string().catch("") }).nullish(),
});
export type KubeconfigUser = z.infer<typeof KubeconfigUser>;

export const KubeconfigContext = z.object({
  cluster: z.string({ error: "is missing: the name of one of the clusters" }),
  user: z.string({ error: "is missing: the name of one of the users" }),
});

const Named = z.array(z.looseObject({ name: z.string({ error: "is missing" }) }), {
  error: "must be a list of entries with a name",
});

/** A file as a whole: entries are looked into when they are chosen, so that a broken one harms nobody else. */
export const Kubeconfig = z.object(
  {
    "current-context": text,
    clusters: Named.nullish(),
    users: Named.nullish(),
    contexts: Named.nullish(),
  },
  { error: "must be an object with clusters, users and contexts" },
);
export type Kubeconfig = z.infer<typeof Kubeconfig>;

/** What an exec plugin prints (client.authentication.k8s.io/v1 and v1beta1). */
export const ExecCredential = z.object({
  kind: z.literal("ExecCredential"),
  apiVersion: z.string(),
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
});

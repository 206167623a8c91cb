import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execPath } from "node:process";
import { kubeconfigFiles, openKubeconfig } from "@gpu-autoscaler/adapters/kubeconfig";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";

const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
const base64 = (text: string) => Buffer.from(text).toString("base64");
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n";

type Fields = Readonly<Record<string, unknown>>;

interface Parts {
  readonly cluster?: Fields;
  readonly clusterName?: string;
  readonly user?: Fields;
  readonly file?: Fields;
}

/** A kubeconfig with a context "admin", as it is written. */
function aKubeconfig({ cluster, clusterName = "one", user, file }: Parts = {}): Fields {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "admin",
    contexts: [{ name: "admin", context: { cluster: clusterName, user: "me" } }],
    clusters: [{ name: clusterName, cluster: { server: "https://api.example.com:6443/", ...cluster } }],
    users: [{ name: "me", user: user ?? { token: "secret" } }],
    ...file,
  };
}

let files = 0;

function written(content: Fields | string): string {
  const file = join(folder, `config-${++files}`);
  writeFileSync(file, typeof content === "string" ? content : stringify(content));
  return file;
}

interface Opening {
  readonly context?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly pluginTimeoutMs?: number;
  readonly now?: () => number;
}

function open(content: Fields | string, opening: Opening = {}) {
  const { now = () => 0, environment = {}, ...rest } = opening;
  const files = { files: [written(content)], required: true };
  return openKubeconfig({ files, clock: { now }, environment, ...rest });
}

/** An exec plugin that prints what the script makes of its environment. */
function plugin(script: string, fields: Fields = {}): Fields {
  const apiVersion = "client.authentication.k8s.io/v1beta1";
  return { exec: { apiVersion, command: execPath, args: ["-e", script], ...fields } };
}

const prints = (status: Fields | string) =>
  `const status = ${typeof status === "string" ? status : JSON.stringify(status)};
   console.log(JSON.stringify({ kind: "ExecCredential", apiVersion: "client.authentication.k8s.io/v1beta1", status }))`;

describe("which files are read", () => {
  test.each([
    ["the one that is given", "mine", { KUBECONFIG: "other" }, ["mine"], true],
    ["those of KUBECONFIG", undefined, { KUBECONFIG: ["a", "", "b"].join(delimiter) }, ["a", "b"], false],
    [
      "the one in the home folder",
      undefined,
      { KUBECONFIG: "" },
      [join("/home/me", ".kube", "config")],
      false,
    ],
  ])("%s", (_, given, environment, want, required) => {
    expect(kubeconfigFiles(given, environment, "/home/me")).toEqual({ files: want, required });
  });

  test("of several, what the first says stands; those that are not there are passed over", async () => {
    const first = written({ contexts: [{ name: "admin", context: { cluster: "two", user: "me" } }] });
    const second = written(aKubeconfig({ clusterName: "two" }));
    const list = [join(folder, "none"), first, second];
    const opened = await openKubeconfig({
      files: { files: list, required: false },
      clock: { now: () => 0 },
      environment: {},
    });
    expect(opened).toMatchObject({ context: "admin", endpoint: "https://api.example.com:6443" });
  });

  test("a file that a paging editor left in JSON is YAML, too", async () => {
    expect((await open(JSON.stringify(aKubeconfig()))).context).toBe("admin");
  });
});

describe("the way in", () => {
  test("a token, and the authority that signed the API server's certificate", async () => {
    const cluster = { "certificate-authority-data": base64(CERTIFICATE) };
    const { access } = await open(aKubeconfig({ cluster }));
    expect(await access.lookUp()).toEqual({
      endpoint: "https://api.example.com:6443",
      certificateAuthority: CERTIFICATE,
    });
    expect(await access.token()).toBe("secret");
  });

  test("files are found from the kubeconfig's folder; a token's file is read again after a minute", async () => {
    mkdirSync(join(folder, "pki"), { recursive: true });
    writeFileSync(join(folder, "pki/ca.crt"), CERTIFICATE);
    writeFileSync(join(folder, "pki/token"), "first\n");
    let now = 0;
    const cluster = { "certificate-authority": "pki/ca.crt" };
    const { access } = await open(aKubeconfig({ cluster, user: { tokenFile: "pki/token" } }), {
      now: () => now,
    });
    expect((await access.lookUp()).certificateAuthority).toBe(CERTIFICATE);
    expect(await access.token()).toBe("first");
    writeFileSync(join(folder, "pki/token"), "second");
    expect(await access.token()).toBe("first");
    now += 61_000;
    expect(await access.token()).toBe("second");
  });

  test("a client certificate, without a token", async () => {
    const user = { "client-certificate-data": base64(CERTIFICATE), "client-key-data": base64(KEY) };
    const { access } = await open(aKubeconfig({ user }));
    expect((await access.lookUp()).tls).toEqual({
      clientCertificate: { certificate: CERTIFICATE, key: KEY },
    });
    expect(await access.token()).toBe("");
  });

  test("another name in the certificate, and none that is looked at", async () => {
    const cluster = { "tls-server-name": "api.internal", "insecure-skip-tls-verify": true };
    const { access } = await open(aKubeconfig({ cluster }));
    expect((await access.lookUp()).tls).toEqual({ serverName: "api.internal", skipsVerification: true });
  });

  test("another context than the current one", async () => {
    const contexts = [
      { name: "admin", context: { cluster: "one", user: "nobody" } },
      { name: "other", context: { cluster: "one", user: "me" } },
    ];
    expect((await open(aKubeconfig({ file: { contexts } }), { context: "other" })).context).toBe("other");
  });
});

describe("an exec plugin", () => {
  test("runs with the environment, its own variables, and word of the cluster", async () => {
    const script = prints(
      `{ token: [process.env.AWS_PROFILE, process.env.STAGE, JSON.parse(process.env.KUBERNETES_EXEC_INFO).spec.cluster.server].join("+") }`,
    );
    const user = plugin(script, { env: [{ name: "STAGE", value: "prod" }], provideClusterInfo: true });
    const { access } = await open(aKubeconfig({ user }), { environment: { AWS_PROFILE: "ml" } });
    expect(await access.token()).toBe("ml+prod+https://api.example.com:6443/");
  });

  test("runs once for requests that begin together, again when its token ends, and when it was refused", async () => {
    const script = prints(
      `{ token: String(process.hrtime.bigint()), expirationTimestamp: "1970-01-01T00:14:00Z" }`,
    );
    let now = 0;
    const { access } = await open(aKubeconfig({ user: plugin(script) }), { now: () => now });
    const [first, same] = await Promise.all([access.token(), access.token()]);
    expect(same).toBe(first);
    now += 12 * 60_000;
    expect(await access.token()).toBe(first);
    now += 2 * 60_000;
    const second = await access.token();
    expect(second).not.toBe(first);
    now = 0;
    access.forget();
    expect(await access.token()).not.toBe(second);
  });

  test("may give a client certificate", async () => {
    const status = { clientCertificateData: CERTIFICATE, clientKeyData: KEY };
    const { access } = await open(aKubeconfig({ user: plugin(prints(status)) }));
    expect((await access.lookUp()).tls?.clientCertificate).toEqual({ certificate: CERTIFICATE, key: KEY });
  });

  test("that hangs is given up", async () => {
    const user = plugin("setTimeout(() => {}, 60_000)");
    const { access } = await open(aKubeconfig({ user }), { pluginTimeoutMs: 500 });
    await expect(access.token()).rejects.toThrow(/gave no token within 0\.5 s: run it in a terminal/);
  });

  test.each<[string, Fields, RegExp]>([
    [
      "that is not installed",
      plugin("", { command: "aws-iam-nothing", installHint: "Install it\nby hand." }),
      /user "me", exec.command: `aws-iam-nothing` cannot be run: Install it by hand\./,
    ],
    [
      "that fails",
      plugin(`console.error("the SSO session has expired"); process.exit(255)`),
      /user "me", exec: `.*` failed with exit status 255 \(the SSO session has expired\): run it in a terminal/,
    ],
    ["that prints something else", plugin(`console.log("hello")`), /printed no ExecCredential with a token/],
    ["that prints no token", plugin(prints({})), /printed no ExecCredential with a token/],
    [
      "of a version that is gone",
      plugin("", { apiVersion: "client.authentication.k8s.io/v1alpha1" }),
      /exec.apiVersion: "client.authentication.k8s.io\/v1alpha1" is not supported.*update the plugin/,
    ],
    ["that must ask", plugin("", { interactiveMode: "Always" }), /wants to ask at a terminal/],
  ])("%s is told with its command and the mend", async (_, user, told) => {
    const { access } = await open(aKubeconfig({ user }));
    await expect(access.token()).rejects.toMatchObject({
      code: "invalid-kubeconfig",
      message: expect.stringMatching(told),
    });
  });
});

describe("a kubeconfig that cannot be used is refused, with the place and the mend", () => {
  const whole = aKubeconfig();
  test.each<[string, Fields | string, RegExp]>([
    [
      "broken YAML",
      "clusters:\n  - name: [one\nusers:\n",
      /config-\d+, line \d: is no YAML \(.*\): correct the line/,
    ],
    [
      "aliases without end",
      "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n",
      /is no YAML that can be used/,
    ],
    ["an empty file", "", /there is no such file, or it is empty/],
    ["a text", "hello", /must be an object with clusters/],
    [
      "clusters that are no list",
      { ...whole, clusters: { one: {} } },
      /, clusters: must be a list of entries/,
    ],
    ["an entry without a name", { ...whole, users: [{ user: {} }] }, /, users\[0\].name: is missing/],
    [
      "no current context",
      { ...whole, "current-context": "" },
      /has no current-context: give --context NAME \(admin\)/,
    ],
    [
      "a context that is not there",
      { ...whole, "current-context": "admim" },
      /has no context "admim": did you mean "admin"\?/,
    ],
    [
      "a cluster that is not there",
      { ...whole, clusters: [] },
      /has no cluster "one": correct `cluster` of context "admin"/,
    ],
    [
      "a user that is not there",
      { ...whole, users: [{ name: "mee", user: {} }] },
      /has no user "me": did you mean "mee"\?/,
    ],
    ["no server", aKubeconfig({ cluster: { server: null } }), /cluster "one", server: is missing/],
    [
      "a server that is no address",
      aKubeconfig({ cluster: { server: "api" } }),
      /server: "api" is no address.*begins with https/,
    ],
    [
      "a server in the clear",
      aKubeconfig({ cluster: { server: "http://api" } }),
      /would send credentials in the clear/,
    ],
    [
      "an authority that is not there",
      aKubeconfig({ cluster: { "certificate-authority": "no.crt" } }),
      /certificate-authority: .*no\.crt cannot be read/,
    ],
    [
      "an authority that is none",
      aKubeconfig({ cluster: { "certificate-authority-data": "AAAA" } }),
      /certificate-authority-data: is no PEM in base64/,
    ],
    [
      "a proxy",
      aKubeconfig({ cluster: { "proxy-url": "http://proxy" } }),
      /proxy-url: proxies are not supported/,
    ],
  ])("%s", async (_, content, told) => {
    await expect(open(content)).rejects.toMatchObject({
      code: "invalid-kubeconfig",
      message: expect.stringMatching(told),
    });
  });

  test.each<[string, Fields, RegExp]>([
    ["nothing to be let in with", {}, /user "me": has no token, client certificate or exec plugin/],
    [
      "half a certificate",
      { "client-certificate-data": base64(CERTIFICATE) },
      /but half of a client certificate: add client-key/,
    ],
    ["a token of two lines", { token: "a\nb" }, /user "me", token: holds no token/],
    ["a token's file that is gone", { tokenFile: "gone" }, /tokenFile: .*gone cannot be read/],
    [
      "a provider of old",
      { "auth-provider": { name: "gcp" } },
      /auth-provider "gcp" is no longer part of Kubernetes/,
    ],
    ["a password", { username: "me", password: "x" }, /user names with passwords are no longer part/],
    ["somebody else's name", { token: "x", as: "root" }, /acts as "root", which is not supported/],
  ])("a user with %s", async (_, user, told) => {
    const { access } = await open(aKubeconfig({ user }));
    await expect(access.token()).rejects.toMatchObject({
      code: "invalid-kubeconfig",
      message: expect.stringMatching(told),
    });
  });

  test("a broken user harms nobody else", async () => {
    const users = [
      { name: "me", user: { token: "x" } },
      { name: "old", user: { exec: "gone" } },
    ];
    expect((await open(aKubeconfig({ file: { users } }))).context).toBe("admin");
  });
});

test.each<[string, Parts, { name: string | null; region: string | null }]>([
  [
    "its ARN",
    { clusterName: "arn:aws:eks:eu-west-1:123456789012:cluster/ml" },
    { name: "ml", region: "eu-west-1" },
  ],
  ["eksctl's name", { clusterName: "ml.us-east-1.eksctl.io" }, { name: "ml", region: "us-east-1" }],
  [
    "the plugin's arguments",
    { user: plugin("", { args: ["--region", "us-west-2", "eks", "get-token", "--cluster-name", "ml"] }) },
    { name: "ml", region: "us-west-2" },
  ],
  ["nothing", {}, { name: null, region: null }],
])("the EKS cluster that a context leads to is told by %s", async (_, parts, told) => {
  expect((await open(aKubeconfig(parts))).told).toEqual(told);
});

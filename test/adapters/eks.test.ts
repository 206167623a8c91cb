import { createHash, createHmac } from "node:crypto";
import { createServer } from "node:http";
import { createEksCluster } from "@gpu-autoscaler/adapters";
import { MINUTE_MS } from "@gpu-autoscaler/core";
import { describe, expect, onTestFinished, test } from "vitest";

const START = Date.parse("2026-01-01T12:00:00Z");
const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "session/+=" };

function aClusterOf({ region = "eu-west-1", endpoint = "http://127.0.0.1:1", expiration = 0 } = {}) {
  const time = { now: START };
  let signings = 0;
  const cluster = createEksCluster("prod", {
    region,
    endpoint,
    clock: { now: () => time.now },
    credentials: async () => {
      signings++;
      return expiration === 0 ? CREDENTIALS : { ...CREDENTIALS, expiration: new Date(expiration) };
    },
    limits: { budgetMs: 5_000, firstRestMs: 1_500 },
  });
  return { ...cluster, time, signings: () => signings };
}

function urlOf(token: string): URL {
  const [version, encoded = ""] = token.split(/(?<=^k8s-aws-v1)\./);
  expect(version).toBe("k8s-aws-v1");
  expect(encoded).not.toContain("=");
  return new URL(Buffer.from(encoded, "base64url").toString());
}

describe("a token for EKS", () => {
  test("is a presigned GetCallerIdentity of the region that bears the cluster's name", async () => {
    const url = urlOf(await aClusterOf().token());
    expect(url.host).toBe("sts.eu-west-1.amazonaws.com");
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: "GetCallerIdentity",
      "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
      "X-Amz-Date": "20260101T120000Z",
      "X-Amz-Credential": "AKIDEXAMPLE/20260101/eu-west-1/sts/aws4_request",
      "X-Amz-Security-Token": "session/+=",
    });
  });

  test("is signed as AWS will sign it again", async () => {
    const url = urlOf(await aClusterOf().token());
    const signature = url.searchParams.get("X-Amz-Signature");
    url.searchParams.delete("X-Amz-Signature");
    expect(signature).toBe(signatureOf(url, "prod"));
    expect(signature).not.toBe(signatureOf(url, "another-cluster"));
  });

  test("of a region in China is of STS there", async () => {
    expect(urlOf(await aClusterOf({ region: "cn-north-1" }).token()).host).toBe(
      "sts.cn-north-1.amazonaws.com.cn",
    );
  });

  test("is used for 14 of its 15 minutes", async () => {
    const { token, time, signings } = aClusterOf();
    const first = await token();
    time.now += 14 * MINUTE_MS - 1;
    expect(await token()).toBe(first);
    time.now += 1;
    expect(await token()).not.toBe(first);
    expect(signings()).toBe(2);
  });

  test("is used for no longer than the credentials that signed it last", async () => {
    const { token, time } = aClusterOf({ expiration: START + 5 * MINUTE_MS });
    const first = await token();
    time.now += 5 * MINUTE_MS;
    expect(await token()).not.toBe(first);
  });

  test("is signed anew when it was not taken", async () => {
    const { token, forget, signings } = aClusterOf();
    await token();
    forget();
    await token();
    expect(signings()).toBe(2);
  });

  test("needs credentials, and says where they come from", async () => {
    const cluster = createEksCluster("prod", {
      region: "eu-west-1",
      clock: { now: () => START },
      credentials: () => Promise.reject(new Error("Could not load credentials from any providers")),
    });
    await expect(cluster.token()).rejects.toMatchObject({
      code: "aws-credentials",
      message: expect.stringMatching(/Could not load credentials.*in Lambda they are the function's role/),
    });
  });
});

describe("looking a cluster up", () => {
  const CA = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
  const ACTIVE = {
    status: "ACTIVE",
    endpoint: "https://ABC.gr7.eu-west-1.eks.amazonaws.com",
    certificateAuthority: { data: Buffer.from(CA).toString("base64") },
  };

  test("gives endpoint and authority, and is done once for all who ask until it is forgotten", async () => {
    const { url, asked } = await anEksApi(200, { cluster: ACTIVE });
    const { lookUp, forget } = aClusterOf({ endpoint: url });
    const want = { endpoint: ACTIVE.endpoint, certificateAuthority: CA };
    expect(await Promise.all([lookUp(), lookUp(), lookUp()])).toEqual([want, want, want]);
    expect(asked).toEqual(["/clusters/prod"]);
    forget();
    await lookUp();
    expect(asked).toHaveLength(2);
  });

  test("is tried anew after it failed", async () => {
    const { url, answer } = await anEksApi(200, { cluster: { status: "CREATING" } });
    const { lookUp } = aClusterOf({ endpoint: url });
    await expect(lookUp()).rejects.toMatchObject({
      code: "eks-cluster-not-ready",
      message: "cluster prod has no endpoint: its status is CREATING; wait until it is ACTIVE",
    });
    answer.body = { cluster: ACTIVE };
    expect(await lookUp()).toMatchObject({ endpoint: ACTIVE.endpoint });
  });

  const ERRORS: Record<string, { status: number; name: string; code: string; says: RegExp }> = {
    "an unknown cluster, or one of another region": {
      status: 404,
      name: "ResourceNotFoundException",
      code: "eks-cluster-unknown",
      says: /no EKS cluster prod in eu-west-1 .* correct `cluster` in autoscaler.config.ts, or the region/,
    },
    "a missing permission": {
      status: 403,
      name: "AccessDeniedException",
      code: "aws-access-denied",
      says: /allow eks:DescribeCluster/,
    },
    "credentials that have expired": {
      status: 403,
      name: "ExpiredTokenException",
      code: "aws-credentials",
      says: /renew them/,
    },
  };
  test.each(Object.entries(ERRORS))("names %s", async (_, { status, name, code, says }) => {
    const { url } = await anEksApi(status, { message: "as AWS has it" }, name);
    await expect(aClusterOf({ endpoint: url }).lookUp()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(says),
    });
  });

  test("names a region that AWS has not", async () => {
    const { lookUp } = aClusterOf({ region: "eu-nowhere-1", endpoint: "https://eks.eu-nowhere-1.invalid" });
    await expect(lookUp()).rejects.toMatchObject({
      message: expect.stringMatching(
        /eks:DescribeCluster in eu-nowhere-1: .*(correct the region|let the function reach eks)/,
      ),
    });
  });
});

async function anEksApi(status: number, body: unknown, errorType = "") {
  const asked: string[] = [];
  const answer = { body };
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": errorType });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { url: `http://127.0.0.1:${port}`, asked, answer };
}

/** Signature Version 4 of a presigned GET, by its description ("Create a signed AWS API request"). */
function signatureOf(url: URL, cluster: string): string {
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join("&");
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const request = `GET\n/\n${query}\nhost:${url.host}\nx-k8s-aws-id:${cluster}\n\nhost;x-k8s-aws-id\n${sha256("")}`;
  const scope = "20260101/eu-west-1/sts/aws4_request";
  const toSign = `AWS4-HMAC-SHA256\n20260101T120000Z\n${scope}\n${sha256(request)}`;
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${CREDENTIALS.secretAccessKey}`);
  return hmac(key, toSign).toString("hex");
}

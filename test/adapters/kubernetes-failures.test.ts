import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { createKubernetes } from "@gpu-autoscaler/adapters";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Answer, aKubernetesApi, aList, aStatus } from "./a-kubernetes-api.ts";
import { rawPod } from "./raw.ts";

const POD = rawPod({ nodeName: "n" });

/** Answers about the pods of a node in turn, the last answer for good. The tick ends so long after a read began. */
async function podsOfNode(answers: readonly Answer[], deadlineInMs = Number.POSITIVE_INFINITY) {
  let until = Number.POSITIVE_INFINITY;
  const times: number[] = [];
  const api = await aKubernetesApi(
    ({ path }) => {
      if (path !== "/api/v1/pods") return null;
      times.push(Date.now());
      return answers[Math.min(times.length - 1, answers.length - 1)] ?? null;
    },
    { deadline: () => until },
  );
  const read = () => {
    until = Date.now() + deadlineInMs;
    return api.clusterReader.podsOnNode("n");
  };
  return { ...api, times, read };
}

const GOOD: Answer = { json: aList(1, [POD]) };
const THROTTLED: Answer = {
  status: 429,
  json: aStatus("too many requests"),
  headers: { "retry-after": "1" },
};
const FAILED: Answer = { status: 500, json: aStatus("etcdserver: leader changed") };

describe("an answer that may be better the next time", () => {
  const CASES: Record<string, Answer> = {
    "a throttled one": { status: 429, json: aStatus("too many requests") },
    "a fault of the server": FAILED,
    "one of a proxy without a server": { status: 503, text: "<html>no healthy upstream</html>" },
    "one that is no JSON": { text: '{"items": [' },
    "none at all": { lines: [], after: "cut" },
  };
  test.each(Object.entries(CASES))("is asked for again: %s", async (_, answer) => {
    const { read, times } = await podsOfNode([answer, answer, GOOD]);
    expect(await read()).toHaveLength(1);
    expect(times).toHaveLength(3);
  });

  test("is asked for again no sooner than Retry-After says", async () => {
    const { read, times } = await podsOfNode([THROTTLED, GOOD]);
    expect(await read()).toHaveLength(1);
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(990);
  });

  test("is not waited for beyond the tick's deadline: throttled is what it was", async () => {
    const { read, times } = await podsOfNode([THROTTLED], 1_200);
    await expect(read()).rejects.toMatchObject({ code: "throttled", retryable: true });
    expect(times).toHaveLength(1);
  });

  test("is an error in the end, with what the server said", async () => {
    const { read, times } = await podsOfNode([FAILED], 3_000);
    await expect(read()).rejects.toMatchObject({
      code: "kubernetes-failed",
      message: expect.stringContaining("etcdserver: leader changed"),
      retryable: true,
    });
    expect(times.length).toBeGreaterThan(1);
  });

  test("is not asked for for ever where no deadline is known", async () => {
    const { read, times } = await podsOfNode([FAILED]);
    await expect(read()).rejects.toMatchObject({ code: "kubernetes-failed" });
    expect(times).toHaveLength(6);
  });

  test("is given up with the tick when it is slow", async () => {
    const { read } = await podsOfNode([{ ...GOOD, afterMs: 60_000 }], 300);
    const began = Date.now();
    await expect(read()).rejects.toMatchObject({
      code: "kubernetes-unreachable",
      message: expect.stringMatching(/no answer of http:.* see that the program's subnets lead there/),
    });
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  test("is given up with the tick when its end is long in coming", async () => {
    const { read } = await podsOfNode([{ lines: ['{"items": ['], after: "stay" }], 300);
    await expect(read()).rejects.toMatchObject({
      code: "kubernetes-unreachable",
      message: expect.stringContaining("aborted due to timeout"),
    });
  });

  test("is not asked for when the tick is over already", async () => {
    const { read, times } = await podsOfNode([GOOD], 0);
    await expect(read()).rejects.toMatchObject({ code: "kubernetes-out-of-time" });
    expect(times).toEqual([]);
  });
});

describe("an answer that stays as it is", () => {
  test("is not asked for again when it is forbidden", async () => {
    const { read, times } = await podsOfNode([{ status: 403, json: aStatus("User may not") }]);
    await expect(read()).rejects.toThrow(
      /ClusterRole gpu-autoscaler \(deploy\/rbac.yaml\) must allow verb "list" on resource "pods" of API group "".* \(User may not\)/,
    );
    expect(times).toHaveLength(1);
  });

  test("is an error when it is JSON and no list", async () => {
    const { read } = await podsOfNode([{ json: { items: "none" } }]);
    await expect(read()).rejects.toMatchObject({ code: "kubernetes-unintelligible" });
  });
});

describe("a token that is not taken", () => {
  const notTaken: Answer = { status: 401, json: aStatus("Unauthorized") };

  test("is made anew once, and then good", async () => {
    const { read, asked } = await podsOfNode([notTaken, GOOD]);
    expect(await read()).toHaveLength(1);
    expect(asked.map(({ token }) => token)).toEqual(["token-0", "token-1"]);
  });

  test("is an error when a fresh one is not taken either", async () => {
    const { read, times } = await podsOfNode([notTaken]);
    await expect(read()).rejects.toMatchObject({ code: "kubernetes-unauthorized", retryable: false });
    expect(times).toHaveLength(2);
  });
});

test("an API server that is away is named, and looked up anew", async () => {
  const { read, stop, forgotten } = await podsOfNode([GOOD], 1_500);
  await stop();
  await expect(read()).rejects.toMatchObject({
    code: "kubernetes-unreachable",
    message: expect.stringContaining("ECONNREFUSED"),
  });
  expect(forgotten).not.toEqual([]);
});

test("an API server that takes a connection and says nothing is given up after 3 s, and tried again", async () => {
  const silent = createServer();
  let connections = 0;
  silent.on("connection", () => connections++);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  const endpoint = `https://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const until = Date.now() + 5_000;
  const { clusterReader, close } = createKubernetes({
    access: {
      name: "test",
      lookUp: async () => ({ endpoint, certificateAuthority: null }),
      token: async () => "token",
      forget() {},
    },
    clock: { now: () => Date.now() },
    deadline: () => until,
  });
  onTestFinished(async () => {
    await close();
    silent.close();
  });
  await expect(clusterReader.podsOnNode("n")).rejects.toMatchObject({ code: "kubernetes-unreachable" });
  expect(connections).toBe(2);
});

test("calls that begin together, before there is a connection, leave none open when all is closed", async () => {
  const { clusterReader, asked, stop } = await podsOfNode([GOOD]);
  await clusterReader.readCluster();
  expect(asked.length).toBeGreaterThan(3);
  expect(await stop()).toBe(0);
});

test("connections are kept from call to call", async () => {
  const { read, asked } = await podsOfNode([GOOD]);
  for (let i = 0; i < 3; i++) {
    await read();
    await setTimeout(20);
  }
  expect(new Set(asked.map(({ port }) => port)).size).toBe(1);
});

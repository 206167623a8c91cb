import { type Agent, request as httpsRequest } from "node:https";

interface WatchEvent {
  /** ADDED, MODIFIED, DELETED, BOOKMARK or ERROR. */
  readonly type: string;
  readonly object: unknown;
}

export interface Watch {
  /** Rejects when it ends by anything but `stop`. */
  readonly ended: Promise<void>;
  stop(): void;
}

export type OnWatchEvent = (event: WatchEvent) => void;

/** `url`: of a list, with `watch=1`. */
export function openWatch(url: string, agent: Agent, token: string, onEvent: OnWatchEvent): Watch {
  const aborting = new AbortController();
  const ended = new Promise<void>((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      aborting.signal.aborted ? resolve() : reject(new Error(`the watch ${url} ended: ${why}`, { cause }));
    const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
    const outgoing = httpsRequest(url, { agent, headers, signal: aborting.signal }, (incoming) => {
      if (incoming.statusCode !== 200) return fail(`it was answered with ${incoming.statusCode}`);
      incoming.setEncoding("utf8");
      let rest = "";
      incoming.on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) onEvent(JSON.parse(line));
      });
      incoming.on("error", (cause) => fail("its connection broke", cause));
      incoming.on("end", () => fail("the server ended it"));
    });
    outgoing.on("error", (cause) => fail("its connection broke", cause));
    outgoing.end();
  });
  return { ended, stop: () => aborting.abort() };
}

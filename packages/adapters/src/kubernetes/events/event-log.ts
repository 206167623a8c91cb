import { type DecisionLog, fnv1a, type TickRecord } from "@gpu-autoscaler/core";
import type { ApiClient } from "../api/api-client.ts";
import { apiError } from "../api/api-errors.ts";
import type { ApiRequest } from "../api/api-request.ts";
import type { KeepingReader } from "../observe/cluster-reader.ts";
import { settleAll } from "../observe/settle-all.ts";
import { effectNews } from "./effect-news.ts";
import type { News } from "./news.ts";
import { podNews } from "./pod-news.ts";

/** What the rest of a tick must not wait for, and the API server not be burdened with. */
const MOST_EVENTS = 100;

/**
 * Tells decisions to those who look at pods and nodes with kubectl, as v1 Events: what is done to a
 * node or pod, and of pods without a node what is done for them or why nothing is. What the record
 * before told already is not told again. More than 100 at a time, and what the API server refused,
 * wait for the next record; an object that is gone is told nothing. Throws, once all were tried,
 * what was refused.
 */
export function createEventLog(api: ApiClient, uidOf: KeepingReader["uidOf"]): DecisionLog {
  let toldBefore: ReadonlySet<string> = new Set();

  return {
    async append(record) {
      const told = new Set<string>();
      const sent: Promise<void>[] = [];
      for (const news of [...effectNews(record), ...podNews(record)]) {
        const uid = uidOf(news.kind, news.namespace, news.name);
        if (uid === null) continue;
        const text = `${uid} ${news.reason} ${news.message}`;
        const isNew = !toldBefore.has(text);
        if (isNew && sent.length === MOST_EVENTS) continue;
        told.add(text);
        if (isNew) sent.push(send(api, eventOf(news, uid, text, record)).catch(untold(text)));
      }
      toldBefore = told;
      await settleAll(sent);

      function untold(text: string) {
        return (error: unknown): never => {
          told.delete(text);
          throw error;
        };
      }
    },
  };
}

async function send(api: ApiClient, event: ReturnType<typeof eventOf>): Promise<void> {
  const request: ApiRequest = {
    method: "POST",
    path: `/api/v1/namespaces/${encodeURIComponent(event.metadata.namespace)}/events`,
    body: { contentType: "application/json", value: event },
    verb: "create",
    group: "",
    resource: "events",
  };
  const answer = await api.call(request);
  // Its name tells what it is about: one that is there already was sent before.
  const isThere = answer.status < 300 || answer.status === 409;
  // A namespace that is going, or gone, takes no new objects.
  const isPlaceGone = answer.status === 404;
  if (!isThere && !isPlaceGone) throw apiError(api.cluster, request, answer);
}

const COMPONENT = "gpu-autoscaler";
/** ValidateEvent of Kubernetes' core validation; a name has 253 characters, of which a hash takes 9. */
const LONGEST_MESSAGE = 1_024;
const LONGEST_NAME = 240;

function eventOf(news: News, uid: string, text: string, { decidedAt }: TickRecord) {
  const { kind, namespace, name, reason, message, isWarning } = news;
  const time = new Date(decidedAt).toISOString();
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: {
      // Events about objects of no namespace are in "default".
      namespace: namespace || "default",
      name: `${name.slice(0, LONGEST_NAME)}.${fnv1a(`${text} ${decidedAt}`)}`,
    },
    involvedObject: { apiVersion: "v1", kind, name, uid, ...(namespace !== "" && { namespace }) },
    type: isWarning ? "Warning" : "Normal",
    reason,
    message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message,
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}

/** A request to the API server, with the words that RBAC has for it. */
export interface ApiRequest {
  readonly method: "GET" | "PATCH" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: { readonly contentType: string; readonly value: unknown };
  readonly verb: "get" | "list" | "watch" | "patch" | "create";
  /** "" for the core group. */
  readonly group: string;
  /** "pods", "pods/eviction". */
  readonly resource: string;
  /**
   * Requests of one lane take one connection, one after the other, and so come to one and the same
   * API server of the several that a cluster has; those without one share some connections.
   */
  readonly lane?: string;
  /** Answers that would be worth another try, and are wanted as they are. */
  readonly isFinal?: (answer: ApiAnswer) => boolean;
}

export interface ApiAnswer {
  readonly status: number;
  /** Of the header Retry-After; null without one. */
  readonly retryAfterMs: number | null;
  /** Of JSON; a text where it is none. Of a watch that was let in: null. */
  readonly body: unknown;
  /** Of the body; 0 of a watch that was let in. */
  readonly bytes: number;
}

/** What one exchange cost: for benches and metrics. */
export interface CallFigures {
  readonly verb: ApiRequest["verb"];
  readonly resource: string;
  readonly status: number;
  /** Of the answer's body, as it came over the wire. */
  readonly bytes: number;
}

export function urlPath({ path, query }: ApiRequest): string {
  return query === undefined ? path : `${path}?${new URLSearchParams(query)}`;
}

/** A cluster's API server and the way in. What is looked up may be kept until it is to be forgotten. */
export interface ClusterAccess {
  /** The cluster's name, for errors. */
  readonly name: string;
  lookUp(): Promise<ApiServer>;
  /** A bearer token that is good now. */
  token(): Promise<string>;
  /** The API server did not take the token, or could not be reached: look both up anew next time. */
  forget(): void;
}

export interface ApiServer {
  /** "https://…". */
  readonly endpoint: string;
  /** What signed its certificate, as PEM; null: one of the authorities that Node.js trusts. */
  readonly certificateAuthority: string | null;
}

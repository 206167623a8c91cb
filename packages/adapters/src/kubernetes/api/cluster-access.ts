/** A cluster's API server and the way in. What is looked up may be kept until it is to be forgotten. */
export interface ClusterAccess {
  /** The cluster's name, for errors. */
  readonly name: string;
  lookUp(): Promise<ApiServer>;
  /** A bearer token that is good now; "" where a client certificate is all. */
  token(): Promise<string>;
  /** The API server did not take the token, or could not be reached: look both up anew next time. */
  forget(): void;
}

export interface ApiServer {
  /** "https://…". */
  readonly endpoint: string;
  /** What signed its certificate, as PEM; null: one of the authorities that Node.js trusts. */
  readonly certificateAuthority: string | null;
  /** What else a kubeconfig says of its TLS; absent: nothing. */
  readonly tls?: {
    /** Both as PEM. */
    readonly clientCertificate?: { readonly certificate: string; readonly key: string };
    /** Which its certificate is for, where that is not the endpoint's host. */
    readonly serverName?: string;
    /** Its certificate is not looked at, because the user said so. */
    readonly skipsVerification?: boolean;
  };
}

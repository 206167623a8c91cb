/** Who may use the API server, besides the administrator: a bearer token of a user and its groups. */
export interface ApiUser {
  readonly token: string;
  readonly user: string;
  readonly groups?: readonly string[];
}

interface SchedulerOptions {
  /**
   * Fields of a `KubeSchedulerConfiguration` (kubescheduler.config.k8s.io/v1), such as `extenders`,
   * `profiles` or `percentageOfNodesToScore`; `clientConnection` and `leaderElection` are given.
   */
  readonly configuration?: Readonly<Record<string, unknown>>;
}

export interface ControlPlaneOptions {
  /** Whether kube-controller-manager runs: without it no controller acts (no Jobs, no node lifecycle, no garbage collector). */
  readonly controllerManager?: boolean;
  /** Whether kube-scheduler runs, and how it is configured. */
  readonly scheduler?: boolean | SchedulerOptions;
  readonly users?: readonly ApiUser[];
  /** Added to kube-apiserver's own, such as `--watch-cache=false`. */
  readonly apiServerFlags?: readonly string[];
  /** Added to kube-controller-manager's own, such as `--controllers=*,-node-lifecycle-controller`. */
  readonly controllerManagerFlags?: readonly string[];
}

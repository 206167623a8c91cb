import {
  createAmpMetrics,
  createAwsPorts,
  createDynamoDecisionLog,
  createDynamoLease,
  createDynamoStateStore,
  createEksCluster,
  createKubernetes,
  type DynamoTable,
  joinDecisionLogs,
  LEASE_MS,
  type LogProblem,
} from "@gpu-autoscaler/adapters";
import {
  type Clock,
  type GpuMetrics,
  type Policy,
  type Ports,
  runTick,
  type Tick,
} from "@gpu-autoscaler/core";
import type { Aws } from "../aws/start-aws.ts";
import type { Prometheus } from "../prometheus/start-prometheus.ts";

/** What a process reaches over the wire. */
export interface Surroundings {
  readonly clock: Clock;
  readonly aws: Aws;
  readonly eksEndpoint: string;
  readonly table: DynamoTable;
  readonly prometheus: Prometheus;
  /** When Prometheus' samples were taken: its clock stands still. */
  readonly measuredAt: number;
}

export interface ProcessOptions {
  /** What a tick has for its calls to the API server. */
  readonly tickMs?: number;
  /** What each call to AWS has. */
  readonly awsBudgetMs?: number;
  /** Whether it follows even the shortest lists by watches. */
  readonly watches?: boolean;
  readonly dies?: Death;
}

/** Where a process is killed: as it calls, or as it has its answer. */
type Death = `${"before" | "after"} ${"launchInstances" | "terminateInstances"}`;

/** The autoscaler as one warm function has it. */
export interface Process {
  /** Never settles once it is dead. */
  tick(): Promise<Tick | null>;
  /** Settles when it is killed. */
  readonly death: Promise<void>;
  readonly ports: Ports;
  /** Logs that could not be told of decisions. */
  readonly problems: readonly LogProblem[];
  close(): Promise<void>;
}

export function startProcess(
  surroundings: Surroundings,
  policy: Policy,
  { tickMs = 30_000, awsBudgetMs = 60_000, watches = false, dies }: ProcessOptions = {},
): Process {
  const { clock, aws, eksEndpoint, table } = surroundings;
  const { region, credentials, endpoint } = aws;
  const access = { region, credentials, clock };
  let deadline = 0;
  const kubernetes = createKubernetes({
    access: createEksCluster(policy.cluster, { ...access, endpoint: eksEndpoint }),
    clock,
    deadline: () => deadline,
    ...(watches && { listAnewBytes: 0 }),
  });
  // moto is slow where the machine is busy: no test is to be about that.
  const limits = { attemptMs: 30_000, budgetMs: awsBudgetMs, firstRestMs: 100, longestRestMs: 400 };
  const problems: LogProblem[] = [];
  const ports: Ports = {
    clock,
    clusterReader: kubernetes.clusterReader,
    clusterWriter: kubernetes.clusterWriter,
    ...createAwsPorts({ ...access, endpoint, limits }, policy),
    gpuMetrics: metricsOf(surroundings, policy),
    stateStore: createDynamoStateStore(table),
    lease: createDynamoLease(table, { clock, holdMs: LEASE_MS }),
    decisionLog: joinDecisionLogs({
      kept: createDynamoDecisionLog(table),
      told: { "Kubernetes Events": kubernetes.eventLog },
      onProblem: (problem) => problems.push(problem),
    }),
  };
  const { mortal, death } = mortalPorts(ports, dies);
  return {
    tick() {
      deadline = clock.now() + tickMs;
      return runTick(mortal, policy);
    },
    death,
    ports,
    problems,
    close: kubernetes.close,
  };
}

/** What Prometheus holds was measured just now, whatever time it is in the test. */
function metricsOf({ prometheus, measuredAt, clock }: Surroundings, { cluster }: Policy): GpuMetrics {
  const { region, credentials, workspaceUrl } = prometheus;
  const then = { now: () => measuredAt };
  const limits = { firstRestMs: 50, budgetMs: 500, attemptMs: 5_000 };
  const metrics = createAmpMetrics({ region, credentials, clock: then, limits }, workspaceUrl, cluster);
  return {
    async readMeasurements() {
      const { at, measurements } = await metrics.readMeasurements();
      const sinceMs = clock.now() - measuredAt;
      const later = measurements.map((each) => ({ ...each, lastSampleAt: each.lastSampleAt + sinceMs }));
      return { at: at + sinceMs, measurements: later };
    },
  };
}

/** A process that is killed hears no answer any more, and asks for nothing. */
function mortalPorts(ports: Ports, dies: Death | undefined): { mortal: Ports; death: Promise<void> } {
  const { promise: death, resolve } = Promise.withResolvers<void>();
  const [when, call] = dies?.split(" ") ?? [];
  const writer = ports.capacityWriter;
  const die = (): Promise<never> => {
    resolve();
    return new Promise(() => {});
  };
  const fatal = async <Result>(name: string, act: () => Promise<Result>): Promise<Result> => {
    if (name === call && when === "before") return die();
    const result = await act();
    return name === call ? die() : result;
  };
  const capacityWriter: Ports["capacityWriter"] = {
    launchInstances: (request) => fatal("launchInstances", () => writer.launchInstances(request)),
    setDesiredCapacity: (group, desired) => writer.setDesiredCapacity(group, desired),
    terminateInstances: (group, ids) =>
      fatal("terminateInstances", () => writer.terminateInstances(group, ids)),
  };
  return { mortal: { ...ports, capacityWriter }, death };
}

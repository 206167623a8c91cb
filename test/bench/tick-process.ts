import {
  createClusterPorts,
  createEksCluster,
  type DynamoTable,
  openDynamoTable,
} from "@gpu-autoscaler/adapters";
import { decide, type Plan, type Policy, type Ports, runTick, SECOND_MS } from "@gpu-autoscaler/core";

/** Where the process finds the world, and what it ticks for. */
export interface TickWorld {
  readonly policy: Policy;
  readonly apiServer: { readonly url: string; readonly ca: string; readonly token: string };
  readonly aws: { readonly endpoint: string; readonly eksEndpoint: string };
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  readonly metricsUrl: string;
  readonly dynamoDb: { readonly endpoint: string; readonly table: string };
}

/** One tick, as the process that ran it measured it. */
export interface TickFigures {
  readonly ms: number;
  /** Of this process: what it waited for is not in it. */
  readonly cpuMs: number;
  /** What each port took, one call after another or side by side; ports wait for each other's turn at the CPU. */
  readonly portMs: Readonly<Record<string, number>>;
  /** Of the answers of the API server, as they came over the wire. */
  readonly apiServerBytes: number;
  /** By service; of the API server by verb. */
  readonly calls: Readonly<Record<string, number>>;
  readonly nodes: number;
  readonly pods: number;
  readonly measurements: number;
  /** Pods without a node, by what becomes of them. */
  readonly waitingPods: Readonly<Record<string, number>>;
  readonly launchedNodes: number;
  readonly problems: readonly string[];
  /** Resident when the tick was over, and the most that ever was in the process. */
  readonly rssMiB: number;
  readonly peakRssMiB: number;
}

const TICK_MS = 100 * SECOND_MS;
/** moto answers for AWS, in Python: what it takes is not ours. */
const LIMITS = { attemptMs: 60_000, budgetMs: 90_000 };

function start({ policy, apiServer, aws, credentials, metricsUrl, dynamoDb }: TickWorld) {
  const clock = { now: () => Date.now() };
  const { region } = policy;
  let deadline = 0;
  let bytes = 0;
  const calls: Record<string, number> = {};
  const count = (name: string) => {
    calls[name] = (calls[name] ?? 0) + 1;
  };
  const onCall = ({ service }: { readonly service: string }) => count(service);
  const access = { clock, credentials, limits: LIMITS, onCall };
  const eks = createEksCluster(policy.cluster, { ...access, region, endpoint: aws.eksEndpoint });
  const table: DynamoTable = openDynamoTable(
    {
      ...access,
      region,
      endpoint: dynamoDb.endpoint,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    },
    dynamoDb.table,
  );
  const { ports, kubernetes } = createClusterPorts(
    policy,
    {
      ...access,
      endpoint: aws.endpoint,
      deadline: () => deadline,
      metricsUrl,
      clusterAccess: {
        ...eks,
        // Signed as for EKS; then the token of a user that this API server knows.
        token: async () => {
          await eks.token();
          return apiServer.token;
        },
      },
      onKubernetesCall(call) {
        bytes += call.bytes;
        count(`kubernetes ${call.verb}`);
      },
    },
    { table, onLogProblem: ({ log, error }) => process.stderr.write(`${log}: ${error.message}\n`) },
  );
  const timed = timedPorts(ports);

  async function tick(): Promise<TickFigures> {
    bytes = 0;
    for (const name of Object.keys(calls)) delete calls[name];
    const seen = { nodes: 0, pods: 0, measurements: 0 };
    const begunAt = performance.now();
    const cpuBefore = process.cpuUsage();
    deadline = clock.now() + TICK_MS;
    const result = await runTick(timed.ports, policy, (snapshot, by, now) => {
      seen.nodes = snapshot.nodes.length;
      seen.pods = snapshot.pods.length;
      seen.measurements = snapshot.measurements.length;
      const decidedAt = performance.now();
      const plan = decide(snapshot, by, now);
      timed.took("decide", performance.now() - decidedAt);
      return plan;
    });
    const { user, system } = process.cpuUsage(cpuBefore);
    if (!result) throw new Error("somebody else holds the lease");
    const { plan, outcomes } = result;
    return {
      ms: Math.round(performance.now() - begunAt),
      cpuMs: Math.round((user + system) / 1_000),
      portMs: timed.takeTimes(),
      apiServerBytes: bytes,
      calls: Object.fromEntries(Object.entries(calls).sort(([a], [b]) => (a < b ? -1 : 1))),
      ...seen,
      waitingPods: reasonsOf(plan),
      launchedNodes: outcomes.reduce((sum, { launch }) => sum + (launch?.launched.length ?? 0), 0),
      problems: plan.problems.map(({ code, detail }) => `${code}: ${detail}`),
      rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
      peakRssMiB: Math.round(process.resourceUsage().maxRSS / 2 ** 10),
    };
  }
  return { tick, close: kubernetes.close };
}

function reasonsOf({ demand }: Plan): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { count, reason } of demand.flatMap(({ outcomes }) => outcomes)) {
    counts[reason.code] = (counts[reason.code] ?? 0) + count;
  }
  return counts;
}

/** The same ports, and how long calls to each of them took. */
function timedPorts(ports: Ports) {
  const times = new Map<string, number>();
  const took = (name: string, ms: number) => void times.set(name, (times.get(name) ?? 0) + ms);
  const timed = <Port extends object>(name: string, port: Port): Port =>
    new Proxy(port, {
      get(target, method) {
        const member: unknown = Reflect.get(target, method);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          const begunAt = performance.now();
          try {
            return await Reflect.apply(member, target, args);
          } finally {
            took(name, performance.now() - begunAt);
          }
        };
      },
    });
  const { clock, ...others } = ports;
  const entries = Object.entries(others).map(([name, port]) => [name, timed(name, port)]);
  return {
    ports: { ...ports, ...Object.fromEntries(entries), clock },
    took,
    takeTimes() {
      const taken = Object.fromEntries([...times].map(([name, ms]) => [name, Math.round(ms)]));
      times.clear();
      return taken;
    },
  };
}

// A process of its own, as a function has one: it is told of the world first, and ticks when told to.
let ticker: ReturnType<typeof start> | undefined;
process.on("message", (message: TickWorld | "tick") => {
  if (message !== "tick") ticker = start(message);
  else
    void ticker?.tick().then(
      (figures) => process.send?.({ figures }),
      (error: unknown) => process.send?.({ problem: error instanceof Error ? error.stack : String(error) }),
    );
});
process.on("disconnect", () => void ticker?.close());

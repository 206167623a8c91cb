import { type Activity, AutoScalingClient, type Instance } from "@aws-sdk/client-auto-scaling";
import { type CapacityReservation, EC2Client, type InstanceStatusEvent } from "@aws-sdk/client-ec2";

/** Capacity that EC2 lacks: of what it names, `remaining` more can be had. */
interface LackingCapacity {
  readonly zone?: string;
  readonly instanceType?: string;
  remaining: number;
  readonly code?: string;
}

/** What is remembered beside moto. */
export interface AwsState {
  /** moto itself, past the front. */
  readonly moto: { readonly autoScaling: AutoScalingClient; readonly ec2: EC2Client };
  readonly lacking: LackingCapacity[];
  /** Desired capacity of groups, where it is not what moto has. */
  readonly desired: Map<string, number>;
  readonly launches: Map<string, { readonly asked: string; readonly output: object }>;
  /** Instances on their way out, by group. */
  readonly terminating: Map<string, { readonly instance: Instance; readonly until: number }[]>;
  /** Newest first, by group. */
  readonly activities: Map<string, Activity[]>;
  /** Dollars an hour, by instance type. */
  readonly onDemandDollars: Map<string, string>;
  /** Dollars an hour, by `instanceType/zone`. */
  readonly spotDollars: Map<string, string>;
  /** When EC2 gave notice to a Spot instance. By instance id. */
  readonly notices: Map<string, Date>;
  readonly scheduledEvents: Map<string, InstanceStatusEvent[]>;
  readonly reservations: CapacityReservation[];
  /** How long Auto Scaling takes to launch what desired capacity asks for, and to end an instance. */
  readonly fillAfterMs: number;
  readonly terminateAfterMs: number;
  /** When Auto Scaling looks at a group next. */
  readonly fillAt: Map<string, number>;
  /** One change at a time. */
  readonly inTurn: <Result>(change: () => Promise<Result>) => Promise<Result>;
}

export interface StateOptions {
  readonly fillAfterMs?: number;
  readonly terminateAfterMs?: number;
}

export const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
export const REGION = "us-east-1";

export function createState(motoEndpoint: string, options: StateOptions): AwsState {
  const config = { region: REGION, endpoint: motoEndpoint, credentials: CREDENTIALS };
  return {
    moto: { autoScaling: new AutoScalingClient(config), ec2: new EC2Client(config) },
    lacking: [],
    desired: new Map(),
    launches: new Map(),
    terminating: new Map(),
    activities: new Map(),
    onDemandDollars: new Map(),
    spotDollars: new Map(),
    notices: new Map(),
    scheduledEvents: new Map(),
    reservations: [],
    fillAfterMs: options.fillAfterMs ?? 500,
    terminateAfterMs: options.terminateAfterMs ?? 500,
    fillAt: new Map(),
    inTurn: createTurns(),
  };
}

function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(change: () => Promise<Result>): Promise<Result> => {
    const next = last.then(change, change);
    last = next.catch(() => undefined);
    return next;
  };
}

/** Takes one of what EC2 has: null, or its code for why it has none. */
export function takeCapacity(state: AwsState, zone: string, instanceType: string): string | null {
  const concerned = state.lacking.filter(
    (each) => (each.zone ?? zone) === zone && (each.instanceType ?? instanceType) === instanceType,
  );
  const empty = concerned.find(({ remaining }) => remaining <= 0);
  if (empty) return empty.code ?? "InsufficientInstanceCapacity";
  for (const each of concerned) each.remaining -= 1;
  return null;
}

import { CreateAutoScalingGroupCommand, type Instance } from "@aws-sdk/client-auto-scaling";
import {
  type CapacityReservation,
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  type Instance as Ec2Instance,
  type InstanceStatusEvent,
} from "@aws-sdk/client-ec2";
import { advance } from "./desired-capacity.ts";
import { createFaults, type Fault } from "./faults.ts";
import { startFront } from "./front.ts";
import { endInstances, groupNamed, IMAGE, instanceTypeNamed } from "./groups.ts";
import { findMoto, startMoto } from "./moto.ts";
import { readServiceModels } from "./service-model.ts";
import { type AwsState, CREDENTIALS, createState, REGION, type StateOptions } from "./state.ts";

/** An Auto Scaling group to make. On-Demand, from 0 to 10 nodes, in us-east-1a to c, unless told otherwise. */
export interface GroupToMake {
  readonly name: string;
  readonly instanceTypes: readonly string[];
  readonly capacityType?: "on-demand" | "spot";
  readonly zones?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** Made by others: its launch template has the type, there are no overrides, nothing is protected. */
  readonly adopted?: boolean;
  readonly rootVolumeGib?: number;
}

/** AWS as far as the adapters use it, on loopback. */
export interface Aws {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  createGroup(group: GroupToMake): Promise<void>;
  /** Instances of a group as EC2 tells of them, those on their way out left out. */
  instancesOf(group: string): Promise<readonly Ec2Instance[]>;
  /** EC2 has `remaining` (none unless told) more of the zone, the type, or the type in the zone. */
  lackCapacity(of: { zone?: string; instanceType?: string; remaining?: number; code?: string }): void;
  restoreCapacity(): void;
  /** Every call is throttled for so long. */
  throttle(forMs: number): void;
  /** The next calls ("autoscaling:LaunchInstances", "*") fail so. Times: 1 unless told. */
  failOn(call: string, fault: Fault, times?: number): void;
  /** The next such call is carried out, and its connection breaks before the answer. */
  loseAnswerOf(call: string): void;
  delay(call: string, delayMs: number, times?: number): void;
  /** Dollars an hour: On-Demand by type, Spot by `instanceType/zone`. */
  setPrices(prices: { onDemand?: Record<string, string>; spot?: Record<string, string> }): void;
  setReservation(reservation: CapacityReservation): void;
  /** EC2 gives the two minutes' notice for a Spot instance. */
  announceInterruption(instanceId: string): void;
  scheduleEvent(instanceId: string, event: InstanceStatusEvent): void;
  /** EC2 takes the instance: Auto Scaling notices, and does not replace it. */
  takeInstance(group: string, instanceId: string): Promise<void>;
  /** What Auto Scaling has begun is done: launches that desired capacity asks for, terminations. */
  settle(): Promise<void>;
  /** Calls so far, by `service:Operation`. */
  readonly calls: ReadonlyMap<string, number>;
  resetCalls(): void;
  /** Requests that AWS's service models do not allow. */
  readonly violations: readonly string[];
  /** Throws when a request was not as AWS's service models have it. */
  stop(): Promise<void>;
}

const SERVICES = ["autoscaling", "ec2", "pricing"];
const ADVANCE_EVERY_MS = 100;

/** Starts it, or says why it cannot be started. */
export async function startAws(options: StateOptions = {}): Promise<Aws | { readonly missing: string }> {
  const found = await findMoto();
  if ("missing" in found) return found;
  const models = await readServiceModels(found.modelFolder, SERVICES);
  const moto = await startMoto(found);
  const state = createState(moto.endpoint, options);
  const faults = createFaults();
  const violations: string[] = [];
  const front = await startFront({ models, state, faults, motoEndpoint: moto.endpoint, violations });
  const advanceTo = (now: number) => state.inTurn(() => advance(state, now));
  const clockwork = setInterval(() => {
    advanceTo(Date.now()).catch((error: unknown) => violations.push(`Auto Scaling failed: ${error}`));
  }, ADVANCE_EVERY_MS);
  return {
    region: REGION,
    endpoint: front.endpoint,
    credentials: CREDENTIALS,
    createGroup: (group) => createGroup(state, group),
    instancesOf: (group) => instancesOf(state, group),
    lackCapacity: (of) => void state.lacking.push({ remaining: 0, ...of }),
    restoreCapacity: () => void state.lacking.splice(0),
    throttle: (forMs) => {
      faults.throttledUntil = Date.now() + forMs;
    },
    failOn: (call, what, times = 1) => void faults.planned.push({ call, what, times }),
    loseAnswerOf: (call) => void faults.planned.push({ call, what: "answer-lost", times: 1 }),
    delay: (call, delayMs, times = 1) => void faults.planned.push({ call, what: { delayMs }, times }),
    setPrices: ({ onDemand = {}, spot = {} }) => {
      for (const [type, dollars] of Object.entries(onDemand)) state.onDemandDollars.set(type, dollars);
      for (const [key, dollars] of Object.entries(spot)) state.spotDollars.set(key, dollars);
    },
    setReservation: (reservation) => void state.reservations.push(reservation),
    announceInterruption: (id) => void state.notices.set(id, new Date()),
    scheduleEvent: (id, event) =>
      void state.scheduledEvents.set(id, [...(state.scheduledEvents.get(id) ?? []), event]),
    takeInstance: (group, id) => state.inTurn(() => takeInstance(state, group, id)),
    settle: () => advanceTo(Number.POSITIVE_INFINITY),
    calls: faults.calls,
    resetCalls: () => faults.calls.clear(),
    violations,
    async stop() {
      clearInterval(clockwork);
      await state.inTurn(async () => undefined);
      await front.stop();
      state.moto.autoScaling.destroy();
      state.moto.ec2.destroy();
      await moto.stop();
      if (violations.length > 0) throw new Error(`requests that AWS would refuse:\n${violations.join("\n")}`);
    },
  };
}

const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const ROOT_VOLUME_GIB = 100;

async function createGroup({ moto }: AwsState, group: GroupToMake): Promise<void> {
  const { name, instanceTypes, zones = ZONES, adopted = false, tags = {} } = group;
  const { LaunchTemplate } = await moto.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: {
        ImageId: IMAGE,
        InstanceType: instanceTypeNamed(instanceTypes[0] ?? ""),
        BlockDeviceMappings: [
          { DeviceName: "/dev/xvda", Ebs: { VolumeSize: group.rootVolumeGib ?? ROOT_VOLUME_GIB } },
        ],
      },
    }),
  );
  const specification = { LaunchTemplateId: LaunchTemplate?.LaunchTemplateId, Version: "$Latest" };
  const { Subnets = [] } = await moto.ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: "availability-zone", Values: [...zones] }] }),
  );
  await moto.autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      MinSize: group.min ?? 0,
      MaxSize: group.max ?? 10,
      DesiredCapacity: group.min ?? 0,
      VPCZoneIdentifier: Subnets.map(({ SubnetId }) => SubnetId).join(","),
      NewInstancesProtectedFromScaleIn: !adopted,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      ...(adopted
        ? { LaunchTemplate: specification }
        : {
            MixedInstancesPolicy: {
              LaunchTemplate: {
                LaunchTemplateSpecification: specification,
                Overrides: instanceTypes.map((InstanceType) => ({ InstanceType })),
              },
              InstancesDistribution: {
                OnDemandPercentageAboveBaseCapacity: group.capacityType === "spot" ? 0 : 100,
                SpotAllocationStrategy: "price-capacity-optimized",
              },
            },
          }),
    }),
  );
}

async function instancesOf(state: AwsState, name: string): Promise<readonly Ec2Instance[]> {
  const { Instances = [] } = await groupNamed(state, name);
  if (Instances.length === 0) return [];
  const { Reservations = [] } = await state.moto.ec2.send(
    new DescribeInstancesCommand({ InstanceIds: Instances.flatMap(idOf) }),
  );
  return Reservations.flatMap((reservation) => reservation.Instances ?? []);
}

async function takeInstance(state: AwsState, name: string, id: string): Promise<void> {
  const group = await groupNamed(state, name);
  const instances = (group.Instances ?? []).filter(({ InstanceId }) => InstanceId === id);
  const { DesiredCapacity: desired = 0 } = group;
  await endInstances(state, group, instances);
  state.desired.set(name, desired);
}

function idOf({ InstanceId }: Instance): string[] {
  return InstanceId === undefined ? [] : [InstanceId];
}

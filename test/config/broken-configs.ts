import { aCluster, aConfig, aConfigOfPools, aPool } from "./a-config.ts";

export interface BrokenConfig {
  readonly input: unknown;
  /** Each place with words of its reason. Together they are all the problems that there are. */
  readonly want: Readonly<Record<string, string>>;
}

const aReservation = { id: "cr-0123456789abcdef0", instanceType: "g6.xlarge", zone: "us-east-1a" };
const anAdoption = { autoScalingGroup: "workers", capacityType: "spot", instanceTypes: ["g5.xlarge"] };

/** Configurations that must be refused. */
export const BROKEN_CONFIGS: Readonly<Record<string, BrokenConfig>> = {
  "nothing at all": { input: null, want: { "": "must be an object, not null" } },
  "no cluster": { input: aConfig(), want: { clusters: "is empty: give a list of clusters" } },
  "a list where a cluster belongs": {
    input: aConfig([]),
    want: { "clusters[0]": "must be an object, not a list" },
  },
  "a mistyped key of the whole": {
    input: { cluster: [], ...aConfig(aCluster()) },
    want: { cluster: 'unknown key "cluster": did you mean "clusters"?' },
  },
  "a mistyped key of a pool": {
    input: aConfigOfPools(aPool({ keeptime: "5m" })),
    want: { "clusters[0].pools[0].keeptime": 'did you mean "keepTime"?' },
  },
  "a mistyped key deep inside": {
    input: aConfig(aCluster({ scaleUp: { pendingFor: { hihg: "0s" } } })),
    want: { "clusters[0].scaleUp.pendingFor.hihg": 'did you mean "high"?' },
  },
  "a key like no other": {
    input: aConfig(aCluster({ limits: { watts: 5 } })),
    want: { "clusters[0].limits.watts": 'unknown key "watts"; the keys are nodes, dollarsPerHour' },
  },
  "no maximum": {
    input: aConfigOfPools(aPool({ maxNodes: undefined })),
    want: { "clusters[0].pools[0].maxNodes": "is missing: give a whole number, 1 or more" },
  },
  "a minimum above the maximum": {
    input: aConfigOfPools(aPool({ minNodes: 11 })),
    want: { "clusters[0].pools[0].minNodes": "11 is above maxNodes, 10" },
  },
  "minimums that add up to more than the cluster may have": {
    input: aConfig(
      aCluster({ limits: { nodes: 3 }, pools: [aPool({ minNodes: 2 }), aPool({ name: "b", minNodes: 2 })] }),
    ),
    want: { "clusters[0].limits.nodes": "3 is below what the pools' minNodes add up to, 4" },
  },
  "a fraction of a node": {
    input: aConfigOfPools(aPool({ maxNodes: 2.5 })),
    want: { "clusters[0].pools[0].maxNodes": "must be a whole number, 1 or more, not 2.5" },
  },
  "two pools of one name": {
    input: aConfigOfPools(aPool(), aPool({ instanceTypes: ["g5.xlarge"] })),
    want: {
      "clusters[0].pools[1].name": '"l4" is the name of another pool',
    },
  },
  "two clusters of one name": {
    input: aConfig(aCluster(), aCluster({ region: "eu-west-1", zones: ["eu-west-1a"] })),
    want: { "clusters[1].name": '"production" is the name of another cluster' },
  },
  "two pools that come to the same group": {
    input: aConfig(
      aCluster({ name: "a-b", pools: [aPool({ name: "c", capacityTypes: ["spot"] })] }),
      aCluster({ name: "a", pools: [aPool({ name: "b-c", capacityTypes: ["spot"] })] }),
    ),
    want: { "clusters[1].pools[0]": 'the group "a-b-c-spot-4x16" is that of clusters[0].pools[0] already' },
  },
  "an unknown instance type": {
    input: aConfigOfPools(aPool({ instanceTypes: ["g6.xlrage"] })),
    want: {
      "clusters[0].pools[0].instanceTypes[0]": 'unknown instance type "g6.xlrage": did you mean "g6.xlarge"?',
    },
  },
  "an instance type with a fraction of a GPU": {
    input: aConfigOfPools(aPool({ instanceTypes: ["g6f.xlarge"] })),
    want: { "clusters[0].pools[0].instanceTypes[0]": '"g6f.xlarge" has a fraction of a GPU' },
  },
  "instance types of different GPU counts": {
    input: aConfigOfPools(aPool({ instanceTypes: ["g6.xlarge", "g6.12xlarge"] })),
    want: { "clusters[0].pools[0].instanceTypes[1]": '"g6.12xlarge" has 4 l4, "g6.xlarge" has 1 l4' },
  },
  "instance types of different GPU models": {
    input: aConfigOfPools(aPool({ instanceTypes: ["g6.xlarge", "g5.xlarge"] })),
    want: { "clusters[0].pools[0].instanceTypes[1]": '"g5.xlarge" has 1 a10g, "g6.xlarge" has 1 l4' },
  },
  "neither instance types nor groups to adopt": {
    input: aConfigOfPools(aPool({ instanceTypes: undefined })),
    want: { "clusters[0].pools[0].instanceTypes": "is missing: give instance types" },
  },
  "instance types and groups to adopt": {
    input: aConfigOfPools(aPool({ adopt: [anAdoption] })),
    want: { "clusters[0].pools[0].instanceTypes": "the pool adopts groups: leave out one" },
  },
  "spot and on-demand mixed in one group": {
    input: aConfigOfPools(
      aPool({ instanceTypes: undefined, adopt: [{ ...anAdoption, capacityType: ["spot", "on-demand"] }] }),
    ),
    want: { "clusters[0].pools[0].adopt[0].capacityType": "a group is all of one capacity type" },
  },
  "one group adopted twice": {
    input: aConfigOfPools(aPool({ instanceTypes: undefined, adopt: [anAdoption, anAdoption] })),
    want: { "clusters[0].pools[0]": 'the group "workers" is that of clusters[0].pools[0] already' },
  },
  "an image for groups that somebody else made": {
    input: aConfigOfPools(aPool({ instanceTypes: undefined, adopt: [anAdoption], image: "al2023" })),
    want: { "clusters[0].pools[0].image": "the pool adopts groups: leave out one" },
  },
  "MIG on an image that cannot be told of it": {
    input: aConfigOfPools(
      aPool({
        instanceTypes: ["p5.48xlarge"],
        image: "bottlerocket",
        sharing: { mig: { strategy: "single", profiles: { "1g.10gb": 7 } } },
      }),
    ),
    want: { "clusters[0].pools[0].image": 'use "al2023" for mig' },
  },
  "a workspace's address where its id belongs": {
    input: aConfig(aCluster({ metrics: { workspaceId: "https://aps-workspaces.us-east-1.amazonaws.com" } })),
    want: { "clusters[0].metrics.workspaceId": "must be the id of a workspace" },
  },
  "subnets and security groups by name": {
    input: aConfig(aCluster({ network: { subnets: ["private-a"], securityGroups: ["nodes"] } })),
    want: {
      "clusters[0].network.subnets[0]": "must be a subnet's id",
      "clusters[0].network.securityGroups[0]": "must be a security group's id",
    },
  },
  "reserved as a capacity type": {
    input: aConfigOfPools(aPool({ capacityTypes: ["reserved"] })),
    want: { "clusters[0].pools[0].capacityTypes[0]": "reserved capacity goes into capacityReservations" },
  },
  "no capacity type and no reservation": {
    input: aConfigOfPools(aPool({ capacityTypes: [] })),
    want: { "clusters[0].pools[0].capacityTypes": "is empty" },
  },
  "a reservation of another instance type": {
    input: aConfigOfPools(aPool({ capacityReservations: [{ ...aReservation, instanceType: "g6.2xlarge" }] })),
    want: {
      "clusters[0].pools[0].capacityReservations[0].instanceType":
        '"g6.2xlarge" is none of the pool\'s instanceTypes',
    },
  },
  "a reservation that ends on a day that there is not": {
    input: aConfigOfPools(
      aPool({ capacityReservations: [{ ...aReservation, endsAt: "2027-02-29T11:30:00Z" }] }),
    ),
    want: { "clusters[0].pools[0].capacityReservations[0].endsAt": "must be an instant in UTC" },
  },
  "a zone of another region": {
    input: aConfig(aCluster({ zones: ["us-east-1a", "us-west-2a"] })),
    want: { "clusters[0].zones[1]": '"us-west-2a" is not in us-east-1' },
  },
  "a zone's id": {
    input: aConfig(aCluster({ zones: ["use1-az1"] })),
    want: {
      "clusters[0].zones[0]": 'must be the name of an Availability Zone such as "us-east-1a", not "use1-az1"',
    },
  },
  "a pool in a zone without the cluster": {
    input: aConfigOfPools(aPool({ zones: ["us-east-1c"] })),
    want: { "clusters[0].pools[0].zones[0]": "is none of the cluster's zones (us-east-1a, us-east-1b)" },
  },
  "time-slicing among one": {
    input: aConfigOfPools(aPool({ sharing: { timeSlicing: { replicas: 1 } } })),
    want: { "clusters[0].pools[0].sharing.timeSlicing.replicas": "must be a whole number, 2 or more, not 1" },
  },
  "time-slicing and MIG": {
    input: aConfigOfPools(
      aPool({
        instanceTypes: ["p5.48xlarge"],
        sharing: { timeSlicing: { replicas: 2 }, mig: { strategy: "single", profiles: { "1g.10gb": 7 } } },
      }),
    ),
    want: { "clusters[0].pools[0].sharing": "leave out one" },
  },
  "a MIG profile that is none": {
    input: aConfigOfPools(
      aPool({
        instanceTypes: ["p5.48xlarge"],
        sharing: { mig: { strategy: "single", profiles: { "10gb": 7 } } },
      }),
    ),
    want: { 'clusters[0].pools[0].sharing.mig.profiles["10gb"]': "is no MIG profile" },
  },
  "MIG single with two profiles": {
    input: aConfigOfPools(
      aPool({
        instanceTypes: ["p5.48xlarge"],
        sharing: { mig: { strategy: "single", profiles: { "1g.10gb": 1, "3g.40gb": 2 } } },
      }),
    ),
    want: { "clusters[0].pools[0].sharing.mig.strategy": '"single" goes with one profile' },
  },
  "more MIG slices than a GPU has": {
    input: aConfigOfPools(
      aPool({
        instanceTypes: ["p5.48xlarge"],
        sharing: { mig: { strategy: "single", profiles: { "1g.10gb": 8 } } },
      }),
    ),
    want: { "clusters[0].pools[0].sharing.mig.profiles": "cuts 8 compute slices out of a GPU, which has 7" },
  },
  "MIG on a GPU without it": {
    input: aConfigOfPools(aPool({ sharing: { mig: { strategy: "single", profiles: { "1g.10gb": 7 } } } })),
    want: { "clusters[0].pools[0].instanceTypes[0]": "l4 GPUs, which MIG cannot cut" },
  },
  "an unknown class": {
    input: aConfig(aCluster({ spot: { interruptibleClasses: ["train"] } })),
    want: { "clusters[0].spot.interruptibleClasses[0]": 'did you mean "training"?' },
  },
  "a share in per cent": {
    input: aConfig(aCluster({ spot: { share: 60 } })),
    want: { "clusters[0].spot.share": "must be a number from 0 to 1, not 60" },
  },
  "a label key with a space": {
    input: aConfigOfPools(aPool({ labels: { "my team": "vision" } })),
    want: { 'clusters[0].pools[0].labels["my team"]': "must be a label key" },
  },
  "a label that the kubelet may not set": {
    input: aConfigOfPools(aPool({ labels: { "node-role.kubernetes.io/gpu": "" } })),
    want: { 'clusters[0].pools[0].labels["node-role.kubernetes.io/gpu"]': "the kubelet may not set" },
  },
  "a label value that is a number": {
    input: aConfigOfPools(aPool({ labels: { generation: 6 } })),
    want: { "clusters[0].pools[0].labels.generation": "must be a label value" },
  },
  "a taint with a mistyped effect": {
    input: aConfigOfPools(aPool({ taints: [{ key: "nvidia.com/gpu", effect: "NoShedule" }] })),
    want: { "clusters[0].pools[0].taints[0].effect": 'did you mean "NoSchedule"?' },
  },
  "a taint of the autoscaler's own": {
    input: aConfigOfPools(aPool({ taints: [{ key: "gpu-autoscaler.io/draining", effect: "NoSchedule" }] })),
    want: { "clusters[0].pools[0].taints[0].key": "is put by gpu-autoscaler on nodes that go" },
  },
  "a duration without a unit": {
    input: aConfigOfPools(aPool({ keepTime: "10" })),
    want: { "clusters[0].pools[0].keepTime": 'must be a duration such as "90s", "10m" or "1h30m", not "10"' },
  },
  "a duration that is a number": {
    input: aConfig(aCluster({ staleAfter: 180 })),
    want: { "clusters[0].staleAfter": "must be a duration" },
  },
  "no time to boot": {
    input: aConfigOfPools(aPool({ provisionTimeout: "0s" })),
    want: { "clusters[0].pools[0].provisionTimeout": "must be longer than 0s" },
  },
  "a first rest that is longer than the longest": {
    input: aConfig(aCluster({ capacityErrors: { firstRest: "1h", longestRest: "30m" } })),
    want: { "clusters[0].capacityErrors.firstRest": "is longer than longestRest, 30m" },
  },
  "dollars below nothing": {
    input: aConfig(aCluster({ limits: { dollarsPerHour: -1 } })),
    want: { "clusters[0].limits.dollarsPerHour": "must be dollars above 0, not -1" },
  },
  "several problems in several places": {
    input: aConfig(
      aCluster({
        region: "mars",
        pools: [aPool({ name: "L4", minNodes: 20 }), aPool({ instanceTypes: ["g6"] })],
      }),
      aCluster({ name: "other", staleAfter: "soon", zones: ["eu-west-1a"] }),
    ),
    want: {
      "clusters[0].region": 'must be a region such as "us-east-1", not "mars"',
      "clusters[0].pools[0].name": 'must be a name such as "l4-training"',
      "clusters[0].pools[0].minNodes": "20 is above maxNodes, 10",
      "clusters[0].pools[1].instanceTypes[0]": 'unknown instance type "g6"',
      "clusters[1].staleAfter": "must be a duration",
      "clusters[1].zones[0]": '"eu-west-1a" is not in us-east-1',
    },
  },
};

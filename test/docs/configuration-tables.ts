import { Config } from "../../packages/core/src/config/schema.ts";

/** What a field means, and, where the schema has no default, what stands for it unless it is given. */
type Meaning = string | { readonly meaning: string; readonly unlessGiven: string };

/** By the heading of a table and the field's path in it. */
const MEANINGS: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  "The whole": {
    clusters: "The clusters, each decided about by itself. Names differ.",
  },
  "A cluster": {
    name: "The EKS cluster's name: 1 to 100 letters, digits, `-`, `_`.",
    region: "Such as `us-east-1`.",
    zones: "Where the cluster has subnets for nodes; of its region.",
    "scaleUp.pendingFor.high":
      "How long an unschedulable pod of high priority waits before a node is launched for it.",
    "scaleUp.pendingFor.normal": "Of normal priority.",
    "scaleUp.pendingFor.low": "Of low priority. Longer, and what other pods leave may serve it.",
    "scaleUp.maxLaunchesPerTick": "Nodes launched by one tick.",
    "limits.nodes": "GPU nodes of the cluster in all. At least what the pools' `minNodes` add up to.",
    "limits.dollarsPerHour":
      "What the cluster's GPU nodes may cost an hour. Nothing is launched beyond it; nothing is ended for it.",
    "spot.share":
      "The most of the GPUs of interruptible pods that Spot may hold, rounded up to a node. 1 is no limit.",
    "spot.interruptibleClasses": "Whose pods Spot may hold, unless a pod's annotation says otherwise.",
    "spot.lossTime": "What an interruption costs, in time of its node.",
    "spot.interruptionsPerHour": "Interruptions a node-hour to expect of an offering.",
    "spot.expectFill":
      "Whether a Spot node counts as being as full as its pool's shared nodes are: larger ones are launched for pods that are still to come. `false`: who waits now pays for all of it.",
    "scaleDown.underusedBelow": "A node of whose GPUs less is requested is underused.",
    "scaleDown.underusedUtilizationBelow":
      "So is a node each of whose GPUs measured less, over 5 min without a missing sample.",
    "scaleDown.closeAbove":
      "A node whose GPUs cost more than so many times what a small pod would pay elsewhere takes only pods that need it.",
    "scaleDown.replaceAbove":
      "Dear nodes whose pods may be moved are replaced when they cost more than so many times what replaces them.",
    "scaleDown.waitDollarsPerHour":
      "What an hour of a pod's waiting for a node is worth, where free nodes are kept for as long as pays.",
    "scaleDown.disruptionShare":
      "The most of a pool's nodes that are drained of their pods at a time, at least one. Empty nodes do not count.",
    "scaleDown.drainTimeout": "A drain that is not done by then is undone.",
    "scaleDown.drainRest": "For so long its node is left alone.",
    "scaleDown.unreadyShare":
      "With more of the nodes unready, and more than `unreadyNodes`, nothing is scaled down.",
    "scaleDown.unreadyNodes": "",
    "headroom.above":
      "A free node is kept in a pool whose serving pods' GPUs measured above this, by their mean over 5 min.",
    "headroom.rearmBelow":
      "Headroom that no serving pod came to is kept again only after the mean fell below.",
    "headroom.keep": "How long it is kept.",
    "capacityErrors.firstRest":
      "How long an offering rests after a capacity error. Twice as long after each in a row.",
    "capacityErrors.longestRest": "The longest rest. At least `firstRest`.",
    "capacityErrors.forgetAfter":
      "After so long without one, the next error is a first one again. At least `longestRest`.",
    "metrics.workspaceId":
      "The id, such as `ws-0123abcd-…`, of a workspace of Amazon Managed Service for Prometheus that exists already, in the cluster's region. One is made for the clusters that name none.",
    "metrics.scraper": "Whether a scraper is made that collects the cluster's GPU measurements.",
    "metrics.recordingRules":
      "Whether [the rules that are read](adapters/metrics.md#what-is-recorded) are loaded into the workspace.",
    "network.subnets": {
      unlessGiven: "the cluster's",
      meaning:
        "Where nodes, and functions in the VPC, get their addresses: at least one in each zone. Of the cluster's own subnets those that give no public addresses, where a zone has one.",
    },
    "network.securityGroups": { unlessGiven: "the cluster's", meaning: "Of the nodes." },
    "network.vpcEndpoints":
      "Whether VPC endpoints are made where the functions run in the cluster's VPC, as they do when its API server is not open to all addresses. `false` where there are some already, or a NAT gateway.",
    staleAfter: "How old a part of what was observed may be before nothing is done that depends on it.",
    pools: "See below. Names differ.",
  },
  "A pool": {
    name: "1 to 63 of a–z, 0–9, `-`.",
    instanceTypes: {
      unlessGiven: "required without `adopt`",
      meaning:
        "EC2 instance types of one GPU model and GPU count. Sizes with different CPU or memory become groups of their own. Types with a fraction of a GPU (g6f, gr6f) cannot be used.",
    },
    capacityTypes: "A group for each, and for each size.",
    zones: { unlessGiven: "the cluster's", meaning: "Some of the cluster's zones." },
    capacityReservations:
      "On-Demand Capacity Reservations and Capacity Blocks, which are used first. See below.",
    adopt: "Auto Scaling groups that exist already, instead of `instanceTypes`. See below.",
    image: "What nodes boot from: EKS's image of Amazon Linux 2023 or of Bottlerocket, with NVIDIA's driver.",
    "sharing.timeSlicing.replicas": {
      unlessGiven: "required in `timeSlicing`",
      meaning: "How many pods share a GPU. GPUs are whole unless `sharing` says otherwise.",
    },
    "sharing.timeSlicing.renameByDefault":
      "Whether the resource becomes `nvidia.com/gpu.shared`, as in NVIDIA's device plugin.",
    "sharing.mig.strategy": {
      unlessGiven: "required in `mig`",
      meaning: "As in NVIDIA's device plugin. `single` takes one profile, and keeps `nvidia.com/gpu`.",
    },
    "sharing.mig.profiles": {
      unlessGiven: "required in `mig`",
      meaning:
        'How many slices of each profile a GPU is cut into, such as `{ "1g.10gb": 7 }`: at most seven compute slices in all.',
    },
    labels: "What the nodes bear besides well-known labels.",
    taints: "What the nodes are tainted with.",
    "taints[].key": "",
    "taints[].value": "",
    "taints[].effect": "",
    minNodes: "Nodes that are always there.",
    maxNodes: "The most nodes, over all groups of the pool.",
    keepTime:
      "How long a node stays without a GPU pod. Unless given, as long as it would have paid for the last free nodes of its group: at most 10 min, and 2 min until three of them are known ([design.md](design.md#how-long-free-nodes-are-kept)).",
    underusedAfter:
      'How long a node with GPU pods stays underused before they are moved and it is ended. Only pods of Deployments with two ready replicas, or annotated `gpu-autoscaler.io/movable: "true"`, are moved.',
    headroom: "Whether a free node is kept while the pool's serving pods measure busy.",
    provisionTimeout: "Within which a launched instance must serve its GPUs, or is ended.",
    dryRun: "Decide and record, but do nothing.",
  },
  "A capacity reservation": {
    "capacityReservations[].id": "Such as `cr-0123456789abcdef0`.",
    "capacityReservations[].instanceType": "One of the pool's `instanceTypes`.",
    "capacityReservations[].zone": "One of the cluster's zones.",
    "capacityReservations[].endsAt": "When a Capacity Block ends. Nothing is launched in its last 40 min.",
  },
  "An adopted group": {
    "adopt[].autoScalingGroup":
      "Its name. It is scaled by its desired capacity, and its `k8s.io/cluster-autoscaler/node-template/…` tags tell what its nodes are.",
    "adopt[].capacityType": "A group is all of one.",
    "adopt[].instanceTypes": "",
    "adopt[].zones": { unlessGiven: "the pool's", meaning: "" },
    "adopt[].minNodes": "",
    "adopt[].maxNodes": { unlessGiven: "the pool's", meaning: "" },
  },
};

/** The parts of a JSON Schema that are looked at. */
interface Schema {
  readonly title?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly default?: unknown;
}

interface Field {
  readonly path: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** Lists of which each item has a table of its own, by its heading. */
const TABLES: Readonly<Record<string, string>> = {
  clusters: "A cluster",
  pools: "A pool",
  capacityReservations: "A capacity reservation",
  adopt: "An adopted group",
};
/** Their paths begin with the list's name, as those of other lists do. */
const IN_A_POOL: ReadonlySet<string> = new Set(["capacityReservations", "adopt"]);

/** The tables of docs/configuration.md by their headings, made from the schema. Throws for a field without a meaning. */
export function configurationTables(): ReadonlyMap<string, string> {
  const tables = new Map<string, string>();
  const whole: Schema = JSON.parse(
    JSON.stringify(Config.toJSONSchema({ io: "input", unrepresentable: "any" })),
  );
  addTable("The whole", whole, "", tables);
  return tables;
}

function addTable(heading: string, schema: Schema, path: string, tables: Map<string, string>): void {
  const fields = fieldsOf(schema, path);
  const meanings = { ...MEANINGS[heading] };
  const rows = fields.map((field) => {
    const meaning = meanings[field.path];
    delete meanings[field.path];
    if (meaning === undefined) throw new RangeError(`"${heading}" says nothing of ${field.path}`);
    return rowOf(field, meaning);
  });
  const [unknown] = Object.keys(meanings);
  if (unknown !== undefined) throw new RangeError(`"${heading}" tells of ${unknown}, which is no field`);
  tables.set(heading, ["| field | type | default | meaning |", "|---|---|---|---|", ...rows].join("\n"));
  for (const field of fields) {
    const list = TABLES[field.path];
    if (list !== undefined && field.schema.items)
      addTable(list, field.schema.items, IN_A_POOL.has(field.path) ? `${field.path}[].` : "", tables);
  }
}

function fieldsOf({ properties = {}, required = [] }: Schema, path: string): Field[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const own: Field = { path: path + name, schema, isRequired: required.includes(name) };
    if (schema.properties) return fieldsOf(schema, `${own.path}.`);
    const hasOwnTable = own.path in TABLES;
    return [own, ...(schema.items && !hasOwnTable ? fieldsOf(schema.items, `${own.path}[].`) : [])];
  });
}

function rowOf({ path, schema, isRequired }: Field, given: Meaning): string {
  const { meaning, unlessGiven = "none" } = typeof given === "string" ? { meaning: given } : given;
  const byDefault = isRequired && unlessGiven === "none" ? "required" : unlessGiven;
  const cells = [`\`${path}\``, typeOf(schema), written(schema.default) ?? byDefault, meaning];
  return `| ${cells.join(" | ")} |`.replaceAll("  |", " |");
}

function typeOf(schema: Schema): string {
  const { title, type, enum: words, additionalProperties, items } = schema;
  if (title !== undefined) return title;
  if (words) return orOf(words);
  if (type === "integer") return `whole number, ${schema.minimum} or more`;
  if (type === "number") return numberOf(schema);
  if (type === "boolean") return "true or false";
  if (typeof additionalProperties === "object") return `object of ${pluralOf(additionalProperties)}`;
  if (items)
    return `list${items.enum ? ` of ${quoted(items.enum).join(", ")}` : ""}${schema.minItems ? ", 1 or more" : ""}`;
  return "string";
}

function numberOf({ minimum, exclusiveMinimum, maximum }: Schema): string {
  if (minimum === 0 && maximum === 1) return "share";
  const least = exclusiveMinimum === undefined ? `${minimum} or more` : `above ${exclusiveMinimum}`;
  return `number, ${least}${maximum === undefined ? "" : `, at most ${maximum.toLocaleString("en")}`}`;
}

function pluralOf(schema: Schema): string {
  return typeOf(schema).replace(/^(string|whole number)/, "$1s");
}

function orOf(words: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(quoted(words)).replace(", or ", " or ");
}

function quoted(words: readonly string[]): string[] {
  return words.map((word) => `\`${word}\``);
}

/** As the table writes a default; null where the schema has none. */
function written(value: unknown): string | null {
  if (value === undefined) return null;
  return `\`${typeof value === "string" && value !== "" ? value : JSON.stringify(value)}\``;
}

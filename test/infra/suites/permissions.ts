import { expect, test } from "vitest";
import { fileText, section, tableRows } from "../../docs/pages.ts";
import { bundledCalls } from "../bundled-calls.ts";
import type { Deployed } from "../deployed.ts";
import { allOf, type Graph, inputsOf } from "../graph.ts";
import { everyStatement, grantedTo, isRead, type Statement, statementsIn } from "../statements.ts";

const ROLE = "aws:iam/role:Role";

/** What the tick's calls need beside themselves: LaunchInstances starts instances as its caller. */
const IMPLIED = ["ec2:CreateFleet", "ec2:CreateTags", "ec2:RunInstances", "iam:PassRole"];
const LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"];
const QUEUE = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
/** As Lambda makes the network interfaces of a function in a VPC. */
const INTERFACES = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/** Kinds of things that are made by a launch, and have no name before: whose ARNs can only end in "*". */
const MADE_BY_LAUNCH = /:(fleet|spot-instances-request)\/\*$/;
/** The wildcard stands for an id that Auto Scaling makes up, and the name says which group. */
const NAMED_GROUP = /:autoScalingGroup:\*:autoScalingGroupName\/[^*]+$/;
/** By which an ARN with a wildcard is held to what is ours, or Amazon's, or made by the same call. */
const HOLDING = [
  "aws:ResourceTag/gpu-autoscaler.io/cluster",
  "aws:RequestTag/gpu-autoscaler.io/cluster",
  "ec2:CreateAction",
  "ec2:Owner",
];
/** Lambda's own, which have no tags. */
const INTERFACE_SIDS = ["MakeInterfaces", "ChangeInterfaces"];

const actionsOf = (statements: readonly Statement[]) =>
  [...new Set(statements.flatMap(({ Action }) => Action))].sort();

const withSid = (graph: Graph, role: string, sid: string) =>
  grantedTo(graph, role).find(({ Sid }) => Sid === sid);

export function permissionsSuite(deployed: () => Deployed): void {
  const graphs = () => [deployed().two, deployed().settled];

  test("no statement allows an action by a wildcard, nor one that changes something on everything", () => {
    const all = graphs().flatMap(everyStatement);
    expect(all.length).toBeGreaterThan(40);
    for (const { of, statement } of all) {
      const place = `${of}: ${JSON.stringify(statement)}`;
      expect(statement.Action.join(" "), place).not.toContain("*");
      if (statement.Action.every(isRead)) continue;
      expect(statement.Resource, place).not.toContain("*");
      expect(statement.Resource.length, place).toBeGreaterThan(0);
    }
  });

  test("what is changed by an ARN with a wildcard is told by tag, name or owner, or did not exist before", () => {
    for (const { of, statement } of graphs().flatMap(everyStatement)) {
      const { Sid = "", Action, Resource, Condition } = statement;
      if (Action.every(isRead) || Sid === "WriteLogs" || INTERFACE_SIDS.includes(Sid)) continue;
      const isHeld = Object.keys(Condition.StringEquals ?? {}).some((key) => HOLDING.includes(key));
      const open = Resource.filter(
        (arn) => arn.includes("*") && !NAMED_GROUP.test(arn) && !MADE_BY_LAUNCH.test(arn),
      );
      if (!isHeld) expect(open, `${of} ${Sid}`).toEqual([]);
    }
  });

  test("functions are trusted by Lambda alone, nodes by EC2, schedules by Scheduler", () => {
    const trusted = graphs().flatMap((graph) =>
      allOf(graph, ROLE).map(({ name, inputs }) => {
        const [statement, ...others] = statementsIn(inputs.assumeRolePolicy);
        expect(others).toEqual([]);
        expect(statement?.Action).toEqual(["sts:AssumeRole"]);
        return [name.replace(/^\w+-/, ""), statement?.Principal];
      }),
    );
    expect(Object.fromEntries(trusted)).toEqual({
      "tick-role": { Service: ["lambda.amazonaws.com"] },
      "interruption-role": { Service: ["lambda.amazonaws.com"] },
      node: { Service: ["ec2.amazonaws.com"] },
      scheduleRole: { Service: ["scheduler.amazonaws.com"] },
    });
  });

  test("functions have no managed policy; nodes have those that EKS asks for", () => {
    for (const { name, inputs } of graphs().flatMap((graph) => allOf(graph, ROLE))) {
      const managed = [inputs.managedPolicyArns ?? []].flat().map(String);
      const want = [
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKS_CNI_Policy",
      ];
      expect(managed, name).toEqual(
        name.endsWith("-node") ? want.map((each) => `arn:aws:iam::aws:policy/${each}`) : [],
      );
    }
    expect(
      graphs().flatMap((graph) => allOf(graph, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")),
    ).toEqual([]);
  });

  test("the tick may make each call that its bundle has, and no other", async () => {
    const calls = [...(await bundledCalls("tick"))];
    const { two } = deployed();
    const want = [...new Set([...calls, ...IMPLIED, ...LOGS])].sort();
    expect(actionsOf(grantedTo(two, "production-tick-role"))).toEqual(want);
    expect(actionsOf(grantedTo(two, "research-tick-role"))).toEqual([...want, ...INTERFACES].sort());
  });

  test("where all groups are adopted it may launch nothing itself", async () => {
    const calls = [...(await bundledCalls("tick"))].filter((call) => call !== "autoscaling:LaunchInstances");
    const granted = actionsOf(grantedTo(deployed().settled, "settled-tick-role"));
    expect(granted).toEqual([...new Set([...calls, ...LOGS, ...INTERFACES])].sort());
  });

  test("the interruption function may make each call that its bundle has, but for reading notes", async () => {
    const calls = [...(await bundledCalls("interruption"))].filter((call) => call !== "dynamodb:Query");
    const granted = actionsOf(grantedTo(deployed().two, "production-interruption-role"));
    expect(granted).toEqual([...calls, ...LOGS, ...QUEUE].sort());
  });

  test("groups are changed by their cluster's planner only, adopted ones by name", () => {
    const { two } = deployed();
    expect(withSid(two, "production-tick-role", "ChangeOwnGroups")).toMatchObject({
      Resource: [
        "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:*:autoScalingGroupName/production-*",
      ],
      Condition: { StringEquals: { "aws:ResourceTag/gpu-autoscaler.io/cluster": ["production"] } },
    });
    expect(withSid(two, "production-tick-role", "ChangeAdoptedGroups")?.Resource).toEqual([
      "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:*:autoScalingGroupName/eks-legacy-workers",
    ]);
    expect(withSid(two, "research-tick-role", "ChangeAdoptedGroups")).toBeUndefined();
    for (const { inputs } of allOf(two, "aws:autoscaling/group:Group")) {
      const [cluster = ""] = String(inputs.name).split("-");
      expect(inputs.tags).toContainEqual({
        key: "gpu-autoscaler.io/cluster",
        value: cluster,
        propagateAtLaunch: false,
      });
    }
  });

  test("instances are started of the cluster's launch templates, in its subnets and reservations", () => {
    const { two } = deployed();
    expect(withSid(two, "production-tick-role", "LaunchOfOwnTemplates")?.Condition).toEqual({
      StringEquals: { "aws:ResourceTag/gpu-autoscaler.io/cluster": ["production"] },
    });
    for (const { name, inputs } of allOf(two, "aws:ec2/launchTemplate:LaunchTemplate")) {
      expect(inputs.tags).toMatchObject({ "gpu-autoscaler.io/cluster": name.split("-")[0] });
    }
    const parts = withSid(two, "production-tick-role", "LaunchWithin")?.Resource ?? [];
    expect(parts.map((arn) => arn.split(":").at(-1))).toEqual([
      "subnet/subnet-a1",
      "subnet/subnet-b1",
      "security-group/sg-of-production",
      "capacity-reservation/cr-0aaaaaaaaaaaaaaa0",
      "capacity-reservation/cr-0bbbbbbbbbbbbbbb0",
    ]);
    expect(withSid(two, "production-tick-role", "LaunchAsOwn")).toMatchObject({
      Resource: ["instance", "network-interface", "volume"].map(
        (kind) => `arn:aws:ec2:us-east-1:123456789012:${kind}/*`,
      ),
      Condition: { StringEquals: { "aws:RequestTag/gpu-autoscaler.io/cluster": ["production"] } },
    });
    expect(withSid(two, "production-tick-role", "GiveNodesTheirRole")).toMatchObject({
      Resource: ["arn:aws:iam::123456789012:role/gpu-autoscaler-production-production-node"],
      Condition: { StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com"] } },
    });
  });

  test("a cluster's items are read and written by its own functions only", () => {
    const keysOf = (role: string, sid: string) =>
      withSid(deployed().two, role, sid)?.Condition["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"];
    expect(keysOf("research-tick-role", "KeepState")).toEqual([
      "cluster#research",
      "decisions#*#research",
      "interruptions#research",
    ]);
    expect(keysOf("research-interruption-role", "ReadState")).toEqual(["cluster#research"]);
    expect(keysOf("research-interruption-role", "NoteInterruptions")).toEqual(["interruptions#research"]);
  });

  test("docs/permissions.md has each statement with its actions, and no other", () => {
    const page = fileText("docs/permissions.md");
    const documented = tableRows(section(page, "In AWS")).flatMap(([sid = "", actions = ""]) =>
      /^[A-Z]\w+$/.test(sid) && actions.includes(":")
        ? [`${sid}: ${actions.split(", ").sort().join(", ")}`]
        : [],
    );
    const granted = graphs()
      .flatMap(everyStatement)
      .filter(({ statement }) => statement.Sid !== undefined && statement.Sid !== "OurRulesSend")
      .map(({ statement: { Sid, Action } }) => `${Sid}: ${Action.toSorted().join(", ")}`);
    expect(documented.sort()).toEqual([...new Set(granted)].sort());
  });

  test("a role's policies stay far within IAM's 10,240 characters", () => {
    for (const graph of graphs()) {
      for (const { name } of allOf(graph, ROLE)) {
        const [inline] = [inputsOf(graph, ROLE, name).inlinePolicies ?? []].flat();
        expect(JSON.stringify(inline ?? "").length, name).toBeLessThan(7_000);
      }
    }
  });
}

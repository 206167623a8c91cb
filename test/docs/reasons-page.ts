import { REASONS } from "@gpu-autoscaler/core";
import { fileText } from "./pages.ts";

/** Where the reasons of a group are seen. By the group's comment in the source. */
const SEEN: Readonly<Record<string, string>> = {
  Actions:
    "In `effects[].reason`: why something is done. `DemandReturned` and `LaunchRepeated` also occur in `demand[].outcomes`, for the pods that are counted on the node or launch, and `LaunchAbandoned` only in `problems`, with the launch's key.",
  "Predicates of fit, by kube-scheduler's names where it has one":
    "In `demand[].rejected[].reasons`: what keeps the pods off a new, empty node of the group. Also in the simulation's `infeasible`.",
  Pods: "In `demand[].outcomes[].reason`: what became of pods that want a GPU and have no node.",
  "Groups and offerings that were not chosen":
    "In `demand[].rejected[].reasons`. `Paused` also keeps an empty node, in `nodes`; `TagUnreadable` occurs in `problems`; `DryRun` in `outcomes[].reason`, of effects that were left out.",
  "Nodes that stay":
    "In `nodes[].reasons`: a node that could go and stays, or is not what it should be. `NotEnoughPdb` is also the outcome of an eviction that the API refused. `CurrentlyBeingDeleted` and `NodeNotReady` are reserved: nothing gives them yet.",
  "Parts of the snapshot that are missing or old, and what that takes away":
    "In `problems`, with what the port said. A part that keeps launches away is also the `demand[].outcomes[].reason` of the pods that wait, and stale budgets the `nodes[].reasons` of an empty node with pods that would have to be evicted.",
  Outcomes: "In `outcomes[].reason`: what became of an effect.",
};

/** `docs/reasons.md`, made from the source of the reasons. */
export function reasonsPage(): string {
  return [
    "# Reasons",
    "",
    "Every action, every rejected group, every pod left waiting and every node kept carries a reason: a code and, in most cases, its particulars in a short phrase. The codes are one enum, `packages/core/src/model/reason.ts`; this page is made from it (`npx vitest run test/docs -u` writes it anew).",
    "",
    "Where Cluster Autoscaler or kube-scheduler has a name for the same thing, the code is that name. The fields named below are those of the decision log: see [simulate.md](simulate.md#the-decision-log).",
    ...groups().flatMap(({ title, codes }) => [
      "",
      `## ${title}`,
      "",
      seen(title),
      "",
      "| code | meaning |",
      "|---|---|",
      ...codes.map(([code, text]) => `| \`${code}\` | ${text} |`),
    ]),
    "",
  ].join("\n");
}

/** The reasons as the source groups them by comments. */
function groups(): { title: string; codes: [string, string][] }[] {
  const found: { title: string; codes: [string, string][] }[] = [];
  for (const line of fileText("packages/core/src/model/reason.ts").split("\n")) {
    const [, title] = /^ {2}\/\/ (.+)$/.exec(line) ?? [];
    if (title !== undefined) found.push({ title, codes: [] });
    const [, code = ""] = /^ {2}(\w+):/.exec(line) ?? [];
    for (const [known, text] of Object.entries(REASONS)) {
      if (known === code) found.at(-1)?.codes.push([code, text]);
    }
  }
  return found;
}

function seen(title: string): string {
  const text = SEEN[title];
  if (text === undefined) throw new RangeError(`say in SEEN where the reasons of "${title}" are seen`);
  return text;
}

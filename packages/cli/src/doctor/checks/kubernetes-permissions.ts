import { AUTOSCALER_GROUP, GRANTED_VERBS, type GrantedVerb } from "@gpu-autoscaler/adapters/inspection";
import { listed } from "@gpu-autoscaler/core";
import type { Examined } from "../examined.ts";
import { type Finding, failure, ok, unchecked, warning } from "../finding.ts";

const MOST_NAMED = 5;

/** Whether the group of the autoscaler's access entry may do what deploy/rbac.yaml grants, and who asks what plan reads. */
export async function checkKubernetesPermissions(of: Examined): Promise<readonly Finding[]> {
  const [own, groups] = await Promise.all([
    Promise.all(GRANTED_VERBS.map((verb) => of.kubernetes.mayI(verb))),
    Promise.all(GRANTED_VERBS.map((verb) => of.kubernetes.mayGroup(AUTOSCALER_GROUP, verb))),
  ]);
  return [groupFinding(groups), ownFinding(of.way.context, own)];
}

function groupFinding(allowed: readonly (boolean | null)[]): Finding {
  const place = `group ${AUTOSCALER_GROUP} in Kubernetes`;
  if (allowed.includes(null)) {
    const message = "what it may do cannot be asked: you may not create subjectaccessreviews";
    return unchecked(place, message, "run doctor as an administrator of the cluster");
  }
  const denied = GRANTED_VERBS.filter((_, at) => allowed[at] === false);
  if (denied.length === 0)
    return ok(place, `may do all that deploy/rbac.yaml grants (${allowed.length} verbs)`);
  const isNone = denied.length === GRANTED_VERBS.length;
  const what = isNone ? "may do nothing" : `may not ${verbsText(denied)}`;
  return failure(place, what, "kubectl apply -f deploy/rbac.yaml");
}

/** You need not change anything, but to read all that `plan` looks at. */
function ownFinding(context: string, allowed: readonly boolean[]): Finding {
  const place = `you, by context ${context}`;
  const denied = GRANTED_VERBS.filter((_, at) => allowed[at] === false);
  const unread = denied.filter(({ verb }) => verb === "list");
  if (unread.length > 0) {
    const mend = "ask the cluster's administrator for these verbs: without them plan and doctor see less";
    return warning(place, `may not ${verbsText(unread)}`, mend);
  }
  const rest = denied.length > 0 ? `, and not ${verbsText(denied)}, which only the autoscaler needs` : "";
  return ok(place, `may read all that plan looks at${rest}`);
}

/** "list nodes, patch nodes and 3 more". */
function verbsText(verbs: readonly GrantedVerb[]): string {
  const names = verbs.map(({ verb, group, resource }) => `${verb} ${resource}${group && `.${group}`}`);
  return listed(names, MOST_NAMED);
}

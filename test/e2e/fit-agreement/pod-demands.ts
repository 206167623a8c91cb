import * as fc from "fast-check";
import { HOST, type PodPart, type Raw, type Vocabulary, ZONE } from "./drafts.ts";

/** What pods may demand of the pods around them, of a vocabulary that the world shares. */

/** "rack" is a label that some nodes lack. */
const topologyKey = fc.constantFrom(ZONE, ZONE, HOST, "rack");

function selectorOf({ apps, harsh }: Vocabulary): fc.Arbitrary<Raw> {
  const app = fc.constantFrom(...apps);
  return fc.oneof(
    { weight: 6, arbitrary: app.map((value) => ({ matchLabels: { app: value } })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom("In", "NotIn"), fc.uniqueArray(app, { minLength: 1, maxLength: 3 }))
        .map(([operator, values]) => ({ matchExpressions: [{ key: "app", operator, values }] })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(app, fc.constantFrom("Exists", "DoesNotExist")).map(([value, operator]) => ({
        matchLabels: { app: value },
        matchExpressions: [{ key: "beta", operator }],
      })),
    },
    { weight: harsh ? 8 : 1, arbitrary: fc.constant({}) },
  );
}

/** A required affinity or anti-affinity term. Without a selector it selects nothing. */
function termOf(vocabulary: Vocabulary): fc.Arbitrary<Raw> {
  const labelKeys = fc.constantFrom<Raw[]>(
    {},
    {},
    {},
    { matchLabelKeys: ["version"] },
    { mismatchLabelKeys: ["version"] },
  );
  const namespaces = fc.constantFrom<Raw[]>(
    {},
    {},
    {},
    { namespaces: ["default", "lab"] },
    { namespaces: ["research"] },
    { namespaceSelector: {} },
    { namespaceSelector: { matchLabels: { team: "b" } } },
    { namespaceSelector: { matchExpressions: [{ key: "beta", operator: "Exists" }] } },
    { namespaces: ["default"], namespaceSelector: { matchLabels: { team: "b" } } },
  );
  const selecting = fc
    .record({ topologyKey, labelSelector: selectorOf(vocabulary), labelKeys, namespaces })
    .map(({ labelKeys: keys, namespaces: where, ...term }): Raw => ({ ...term, ...keys, ...where }));
  return fc.oneof(
    { weight: 14, arbitrary: selecting },
    { weight: 1, arbitrary: topologyKey.map((key): Raw => ({ topologyKey: key })) },
  );
}

const NEGATIVE: readonly Raw[] = [
  { key: "beta", operator: "DoesNotExist" },
  { key: "team", operator: "NotIn", values: ["b"] },
];

/**
 * Affinity or anti-affinity to pods of namespaces that lack a label, apart from the others:
 * kube-scheduler 1.34 to 1.36 takes them for every namespace
 * (https://github.com/kubernetes/kubernetes/issues/141526).
 */
export function negativeNamespaces({ apps }: Vocabulary): fc.Arbitrary<PodPart> {
  return fc
    .record({
      kind: fc.constantFrom("podAffinity", "podAntiAffinity"),
      topologyKey,
      app: fc.constantFrom(...apps),
      requirement: fc.constantFrom(...NEGATIVE),
    })
    .map(({ kind, topologyKey: key, app, requirement }) => {
      const term = {
        topologyKey: key,
        labelSelector: { matchLabels: { app } },
        namespaceSelector: { matchExpressions: [requirement] },
      };
      return { affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
    });
}

export function podAffinities(vocabulary: Vocabulary, most = 2): fc.Arbitrary<PodPart> {
  return fc.array(termOf(vocabulary), { minLength: 1, maxLength: most }).map((terms) => ({
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
  }));
}

export function podAntiAffinities(vocabulary: Vocabulary, most = 2): fc.Arbitrary<PodPart> {
  return fc.array(termOf(vocabulary), { minLength: 1, maxLength: most }).map((terms) => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
  }));
}

export function spreading(vocabulary: Vocabulary): fc.Arbitrary<PodPart> {
  const binding = fc
    .record(
      {
        topologyKey,
        maxSkew: vocabulary.harsh ? fc.constant(1) : fc.constantFrom(1, 1, 2, 3),
        whenUnsatisfiable: fc.constant("DoNotSchedule"),
        labelSelector: selectorOf(vocabulary),
        minDomains: vocabulary.harsh ? fc.constantFrom(4, 8) : fc.constantFrom(1, 2, 3, 4),
        matchLabelKeys: fc.constantFrom([], ["version"], ["missing"]),
        nodeAffinityPolicy: fc.constantFrom("Honor", "Ignore"),
        nodeTaintsPolicy: fc.constantFrom("Honor", "Ignore"),
      },
      {
        requiredKeys: [
          "topologyKey",
          "maxSkew",
          "whenUnsatisfiable",
          "labelSelector",
          ...(vocabulary.harsh ? (["minDomains"] as const) : []),
        ],
      },
    )
    .map((constraint): Raw => constraint);
  const wish: Raw = { topologyKey: HOST, maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway", labelSelector: {} };
  const nothing = topologyKey.map(
    (key): Raw => ({
      topologyKey: key,
      maxSkew: 1,
      whenUnsatisfiable: "DoNotSchedule",
    }),
  );
  return fc
    .uniqueArray(fc.oneof({ weight: 12, arbitrary: binding }, nothing, fc.constant(wish)), {
      minLength: vocabulary.harsh ? 2 : 1,
      maxLength: 2,
      // The API server refuses two of a kind.
      selector: (constraint) => `${constraint.topologyKey} ${constraint.whenUnsatisfiable}`,
    })
    .map((topologySpreadConstraints) => ({ spec: { topologySpreadConstraints } }));
}

/**
 * Constraints for which it matters which nodes the policies count: their pods are nearly everywhere
 * else, so a node that is counted and empty raises the skew.
 */
export function spreadingByPolicies(vocabulary: Vocabulary): fc.Arbitrary<PodPart> {
  return fc
    .record({
      topologyKey: fc.constantFrom(HOST, HOST, ZONE),
      maxSkew: fc.constant(1),
      whenUnsatisfiable: fc.constant("DoNotSchedule"),
      labelSelector: fc.oneof({ weight: 4, arbitrary: fc.constant<Raw>({}) }, selectorOf(vocabulary)),
      nodeAffinityPolicy: fc.constantFrom("Honor", "Ignore"),
      nodeTaintsPolicy: fc.constantFrom("Honor", "Ignore"),
    })
    .map((constraint) => ({ spec: { topologySpreadConstraints: [constraint] } }));
}

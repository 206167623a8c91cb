export { type AwsInspection, inspectAws } from "./aws-inspection.ts";
export { AUTOSCALER_GROUP, GRANTED_VERBS, type GrantedVerb } from "./granted-verbs.ts";
export type { GroupSettings } from "./group-settings.ts";
export {
  type ContainerCommand,
  inspectKubernetes,
  type KubernetesInspection,
  type KubernetesVersion,
} from "./kubernetes-inspection.ts";
export type { ReadAttempt } from "./read-attempts.ts";
export { readTableSettings, type TableSettings } from "./table-settings.ts";

export { explainLaunch } from "./explain-launch.ts";
export { explainNode } from "./explain-node.ts";
export { explainPod } from "./explain-pod.ts";
export type * from "./explanation.ts";
export { explainLaunchInLog, type ListedLaunch, launchesInLog } from "./in-log/launch-in-log.ts";
export { namesInLog } from "./in-log/names-in-log.ts";
export { nearestNames } from "./in-log/nearest-names.ts";
export { explainNodeInLog } from "./in-log/node-in-log.ts";
export { explainPodInLog } from "./in-log/pod-in-log.ts";
export { explanationText } from "./text/explanation-text.ts";
export { launchListText } from "./text/launch-list-text.ts";
export {
  counted,
  createReasonTeller,
  durationText,
  indent,
  listed,
  moneyText,
  type ReasonTeller,
  timeText,
} from "./text/words.ts";

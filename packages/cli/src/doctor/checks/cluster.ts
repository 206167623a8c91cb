import { whyWrongCluster } from "../../reach/reach.ts";
import type { Examined } from "../examined.ts";
import { type Finding, failure, ok, warning } from "../finding.ts";

/** Those that EKS has in standard support, and that the end-to-end tests resemble. */
const OLDEST_MINOR = 33;
const NEWEST_MINOR = 36;

/** Whether the context leads to the configuration's cluster, and which version answers. */
export async function checkCluster(of: Examined): Promise<readonly Finding[]> {
  const place = `cluster ${of.policy.cluster}`;
  const wrong = whyWrongCluster(of);
  if (wrong !== null) return [failure(place, wrong)];
  const { major, minor, text } = await of.kubernetes.version();
  const reached = `${of.way.endpoint} answers, Kubernetes ${text}`;
  if (major !== 1 || minor > NEWEST_MINOR) {
    const message = `${reached}: newer than 1.${NEWEST_MINOR}, the last that was tried`;
    return [warning(place, message, "look whether a newer gpu-autoscaler knows it")];
  }
  if (minor >= OLDEST_MINOR) return [ok(place, reached)];
  const message = `${reached}: older than 1.${OLDEST_MINOR}, the first that was tried`;
  return [warning(place, message, "upgrade the cluster")];
}

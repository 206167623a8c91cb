import { durationText, MINUTE_MS } from "@gpu-autoscaler/core";
import type { Examined } from "../examined.ts";
import { type Finding, failure, ok, unchecked, warning } from "../finding.ts";

/** AWS refuses signatures that are further off ("Troubleshooting AWS Signature Version 4"). */
const REFUSED_MS = 5 * MINUTE_MS;
/** The API server's authenticator takes a token for 14 min; the rest is the clocks'. */
const UNSAFE_MS = MINUTE_MS;

/** Whether the clock here goes with AWS's. */
export async function checkClock(of: Examined): Promise<readonly Finding[]> {
  const place = "clock of this machine";
  const aheadMs = await of.aws.clockAheadMs();
  if (aheadMs === null) return [unchecked(place, "EC2's answer has no time to compare with")];
  const off = Math.abs(aheadMs);
  const told = `${durationText(off)} ${aheadMs > 0 ? "ahead of" : "behind"} EC2's`;
  if (off < UNSAFE_MS) return [ok(place, off < 1_000 ? "goes with EC2's" : told)];
  const mend = "let it be set by NTP";
  return [(off < REFUSED_MS ? warning : failure)(place, `is ${told}`, mend)];
}

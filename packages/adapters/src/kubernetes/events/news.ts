import { REASONS, type Reason, type ReasonCode } from "@gpu-autoscaler/core";

/** What is to be told about one object. */
export interface News {
  readonly kind: "Node" | "Pod";
  /** "" for nodes. */
  readonly namespace: string;
  readonly name: string;
  readonly isWarning: boolean;
  readonly reason: ReasonCode;
  readonly message: string;
}

/** What a reason means, and its particulars. */
export function reasonText({ code, detail }: Reason): string {
  return detail === "" ? REASONS[code] : `${REASONS[code]} (${detail})`;
}

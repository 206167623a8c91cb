import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { type AwsAccess, clientConfig } from "../aws/access.ts";
import { type Caller, createCaller } from "../aws/caller.ts";

export interface AutoScaling {
  readonly client: AutoScalingClient;
  readonly call: Caller;
}

export function createAutoScaling(access: AwsAccess): AutoScaling {
  return {
    client: new AutoScalingClient(clientConfig(access)),
    call: createCaller(access, "autoscaling"),
  };
}

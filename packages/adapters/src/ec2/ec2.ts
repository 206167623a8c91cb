import { EC2Client } from "@aws-sdk/client-ec2";
import { type AwsAccess, clientConfig } from "../aws/access.ts";
import { type Caller, createCaller } from "../aws/caller.ts";

export interface Ec2 {
  readonly client: EC2Client;
  readonly call: Caller;
}

export function createEc2(access: AwsAccess): Ec2 {
  return { client: new EC2Client(clientConfig(access)), call: createCaller(access, "ec2") };
}

import * as z from "zod";

/** A cluster as AWS would tell of it. */
const AwsCluster = z.object({
  version: z.string().default("1.34"),
  status: z.string().default("ACTIVE"),
  authenticationMode: z.string().default("API_AND_CONFIG_MAP"),
  vpcId: z.string().default("vpc-0a0a0a0a"),
  subnetIds: z.array(z.string()),
  publicAccess: z.boolean().default(true),
  publicAccessCidrs: z.array(z.string()).default(["0.0.0.0/0"]),
  serviceCidr: z.string().default("10.100.0.0/16"),
});

const AwsSubnet = z.object({ zone: z.string(), public: z.boolean().default(false) });

/** What is in the account before anything is deployed. */
export const World = z.object({
  clusters: z.record(z.string(), AwsCluster),
  subnets: z.record(z.string(), AwsSubnet),
});
export type World = z.output<typeof World>;
export type WorldInput = z.input<typeof World>;

export const ACCOUNT = "123456789012";
export const REGION = "us-east-1";

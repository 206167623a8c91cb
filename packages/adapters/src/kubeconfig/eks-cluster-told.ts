import type { ChosenContext } from "./chosen-context.ts";

/** What of an EKS cluster a context tells; null where it does not. */
export interface EksClusterTold {
  readonly name: string | null;
  readonly region: string | null;
}

const ARN = /^arn:aws[\w-]*:eks:([a-z0-9-]+):\d+:cluster\/([\w-]+)$/;
const EKSCTL = /^([\w-]+)\.([a-z]{2}(?:-[a-z]+)+-\d)\.eksctl\.io$/;
const NAME_OPTIONS = ["--cluster-name", "--cluster-id", "-i"];

/**
 * Which EKS cluster a context leads to: by the cluster's name as `aws eks update-kubeconfig` (its
 * ARN) or eksctl wrote it, else by what its exec plugin is asked for.
 */
export function eksClusterTold({ cluster, user }: ChosenContext): EksClusterTold {
  const [, region, name] = ARN.exec(cluster.name) ?? [];
  if (name !== undefined && region !== undefined) return { name, region };
  const [, named, at] = EKSCTL.exec(cluster.name) ?? [];
  if (named !== undefined && at !== undefined) return { name: named, region: at };
  const args = user.value.exec?.args ?? [];
  return { name: optionIn(args, NAME_OPTIONS), region: optionIn(args, ["--region"]) };
}

function optionIn(args: readonly string[], names: readonly string[]): string | null {
  for (const [at, arg] of args.entries()) {
    const [name = "", value] = arg.split("=", 2);
    if (names.includes(name)) return value ?? args[at + 1] ?? null;
  }
  return null;
}

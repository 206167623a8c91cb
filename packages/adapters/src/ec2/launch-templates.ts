import { DescribeLaunchTemplateVersionsCommand, type ResponseLaunchTemplateData } from "@aws-sdk/client-ec2";
import { type Clock, type EpochMs, MINUTE_MS } from "@gpu-autoscaler/core";
import type { Ec2 } from "./ec2.ts";

/** A version of a launch template, as a group names it. */
export interface LaunchTemplateVersion {
  readonly id: string;
  /** A number, `$Latest` or `$Default`. */
  readonly version: string;
}

/** What a launch template says of the nodes that it makes; null where it leaves it to others. */
export interface LaunchTemplate {
  readonly instanceType: string | null;
  readonly rootVolumeBytes: number | null;
}

/** `$Latest` and `$Default` may come to mean another version. */
const AGE_MS = 15 * MINUTE_MS;
const GIB = 1024 ** 3;

/** Reads versions of launch templates, each again when a quarter of an hour has passed. */
export function createLaunchTemplates(
  ec2: Ec2,
  clock: Clock,
): (version: LaunchTemplateVersion) => Promise<LaunchTemplate> {
  const kept = new Map<string, { readonly template: LaunchTemplate; readonly until: EpochMs }>();
  return async ({ id, version }) => {
    const key = `${id}/${version}`;
    const known = kept.get(key);
    if (known && clock.now() < known.until) return known.template;
    const { LaunchTemplateVersions: versions = [] } = await ec2.call(
      "DescribeLaunchTemplateVersions",
      (options) =>
        ec2.client.send(
          new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] }),
          options,
        ),
    );
    const template = readLaunchTemplate(versions[0]?.LaunchTemplateData);
    kept.set(key, { template, until: clock.now() + AGE_MS });
    return template;
  };
}

function readLaunchTemplate(data: ResponseLaunchTemplateData | undefined): LaunchTemplate {
  const gibibytes = (data?.BlockDeviceMappings ?? []).flatMap(({ DeviceName = "", Ebs }) =>
    FILE_DEVICES.has(DeviceName) ? (Ebs?.VolumeSize ?? []) : [],
  );
  return {
    instanceType: data?.InstanceType ?? null,
    rootVolumeBytes: gibibytes.length > 0 ? Math.max(...gibibytes) * GIB : null,
  };
}

/**
 * Where the EKS images keep pods' files: the root device of Amazon Linux and of Ubuntu, and
 * Bottlerocket's data volume, beside which its root device is small.
 */
const FILE_DEVICES: ReadonlySet<string> = new Set(["/dev/xvda", "/dev/sda1", "/dev/xvdb"]);

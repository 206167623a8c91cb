import { SetInstanceProtectionCommand } from "@aws-sdk/client-auto-scaling";
import { chunksOf } from "../aws/pages.ts";
import type { AutoScaling } from "./auto-scaling.ts";

const MOST_PER_CALL = 50;

/** Sets or takes away the protection from scale-in of instances of a group, which must be in service. */
export async function protectFromScaleIn(
  { client, call }: AutoScaling,
  group: string,
  ids: readonly string[],
  isProtected: boolean,
): Promise<void> {
  for (const some of chunksOf(ids, MOST_PER_CALL)) {
    await call("SetInstanceProtection", (options) =>
      client.send(
        new SetInstanceProtectionCommand({
          AutoScalingGroupName: group,
          InstanceIds: some,
          ProtectedFromScaleIn: isProtected,
        }),
        options,
      ),
    );
  }
}

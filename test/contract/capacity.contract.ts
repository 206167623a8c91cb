import type { CapacityReader, CapacityWriter, GroupStatus, LaunchRequest } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";

/**
 * An empty Auto Scaling group of g6.xlarge, MinSize 0 and MaxSize 10, in the zones us-east-1a, of
 * which EC2 has plenty, us-east-1b, of which it has two, and us-east-1c, of which it has none.
 */
export interface CapacitySubject {
  readonly reader: CapacityReader;
  readonly writer: CapacityWriter;
  readonly group: string;
  /** Lets pass what asynchronous launches and terminations take. */
  settle(): void | Promise<void>;
}

/** Every pair of reader and writer of capacity keeps to this. */
export function capacityContract(
  name: string,
  makeSubject: () => CapacitySubject | Promise<CapacitySubject>,
): void {
  describe(`capacity: ${name}`, () => {
    test("tells of the group and of the shape of its type", async () => {
      const group = await readGroup(await makeSubject());
      expect(group).toMatchObject({ desired: 0, min: 0, max: 10, instances: [], reservedAvailable: null });
      expect(group.shapes).toMatchObject([{ instanceType: "g6.xlarge", gpus: 1 }]);
      expect(group.shapes[0]?.allocatable.extended).toEqual({});
    });

    test("launches and lists what it launched", async () => {
      const subject = await makeSubject();
      const { launched, errors } = await launch(subject, { count: 3 });
      expect(errors).toEqual([]);
      expect(launched).toHaveLength(3);
      for (const each of launched)
        expect(each).toMatchObject({ zone: "us-east-1a", instanceType: "g6.xlarge" });
      const { desired, instances } = await readGroup(subject);
      expect(desired).toBe(3);
      expect(instances.map((each) => each.id).sort()).toEqual(launched.map((each) => each.id).sort());
      expect(instances[0]).toMatchObject({ zone: "us-east-1a", instanceType: "g6.xlarge", healthy: true });
    });

    test("answers the same token the same, and launches once", async () => {
      const subject = await makeSubject();
      const first = await launch(subject, { token: "same", count: 2 });
      expect(await launch(subject, { token: "same", count: 2 })).toEqual(first);
      expect((await readGroup(subject)).instances).toHaveLength(2);
    });

    test("refuses a token that stood for something else", async () => {
      const subject = await makeSubject();
      await launch(subject, { token: "same", count: 2 });
      await expect(launch(subject, { token: "same", count: 3 })).rejects.toMatchObject({
        code: "IdempotentParameterMismatch",
        retryable: false,
      });
      expect((await readGroup(subject)).instances).toHaveLength(2);
    });

    test("reports what EC2 lacks, and launches nothing", async () => {
      const subject = await makeSubject();
      const { launched, errors } = await launch(subject, { zone: "us-east-1c" });
      expect(launched).toEqual([]);
      expect(errors).toMatchObject([{ code: "InsufficientInstanceCapacity" }]);
      expect(await readGroup(subject)).toMatchObject({ desired: 0, instances: [] });
    });

    test("launches what EC2 has, and reports the rest", async () => {
      const subject = await makeSubject();
      const { launched, errors } = await launch(subject, { zone: "us-east-1b", count: 4 });
      expect(launched).toHaveLength(2);
      expect(errors).toMatchObject([{ code: "InsufficientInstanceCapacity" }]);
      expect(await readGroup(subject)).toMatchObject({ desired: 2 });
    });

    test("refuses what exceeds MaxSize, and a group that is not there", async () => {
      const subject = await makeSubject();
      await expect(launch(subject, { count: 11 })).rejects.toMatchObject({ code: "ValidationError" });
      await expect(launch(subject, { group: "no-such-group" })).rejects.toMatchObject({
        code: "ValidationError",
      });
      expect(await readGroup(subject)).toMatchObject({ desired: 0, instances: [] });
    });

    test("raises the desired capacity, which is filled after a while", async () => {
      const subject = await makeSubject();
      await subject.writer.setDesiredCapacity(subject.group, 1);
      expect(await readGroup(subject)).toMatchObject({ desired: 1 });
      await subject.settle();
      expect(await readGroup(subject)).toMatchObject({ desired: 1, instances: [{}] });
    });

    test("refuses a desired capacity beyond MaxSize", async () => {
      const { writer, group } = await makeSubject();
      await expect(writer.setDesiredCapacity(group, 11)).rejects.toMatchObject({ code: "ValidationError" });
    });

    test("terminates by id with decrement, and ids that are gone are no error", async () => {
      const subject = await makeSubject();
      const { launched } = await launch(subject, { count: 3 });
      const ids = launched.map((each) => each.id);
      for (let i = 0; i < 2; i++) await subject.writer.terminateInstances(subject.group, ids.slice(0, 2));
      const { desired, instances } = await readGroup(subject);
      expect(desired).toBe(1);
      expect(instances.filter((each) => each.lifecycle !== "terminating").map((each) => each.id)).toEqual(
        ids.slice(2),
      );
      await subject.settle();
      expect((await readGroup(subject)).instances.map((each) => each.id)).toEqual(ids.slice(2));
      await subject.writer.terminateInstances(subject.group, ids.slice(0, 2));
      expect(await readGroup(subject)).toMatchObject({ desired: 1 });
    });
  });
}

async function readGroup({ reader, group }: CapacitySubject): Promise<GroupStatus> {
  const found = (await reader.readGroups()).groups.find((each) => each.name === group);
  if (!found) throw new Error(`the subject has no group ${group}`);
  return found;
}

let tokens = 0;

function launch({ writer, group }: CapacitySubject, changes: Partial<LaunchRequest>) {
  tokens += 1;
  return writer.launchInstances({
    group,
    zone: "us-east-1a",
    count: 1,
    token: `contract-${tokens}`,
    ...changes,
  });
}

import type { Lease } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";

export interface LeaseSubject {
  readonly lease: Lease;
  /** Another holder of the same leases: another function, say. May be the same object. */
  readonly other: Lease;
  /** Lets so much time pass as the longest run of a holder may take, and more. */
  outliveHolder(): void | Promise<void>;
}

/** Every lease keeps to this. */
export function leaseContract(name: string, makeSubject: () => LeaseSubject | Promise<LeaseSubject>): void {
  describe(`lease: ${name}`, () => {
    test("is held by one at a time", async () => {
      const { lease, other } = await makeSubject();
      expect(await lease.acquire("one")).toBe(true);
      expect(await other.acquire("one")).toBe(false);
      expect(await other.acquire("two")).toBe(true);
    });

    test("is free again when its holder lets go and nobody asked", async () => {
      const { lease, other } = await makeSubject();
      await lease.acquire("one");
      expect(await lease.releaseOrAgain("one")).toBe(false);
      expect(await other.acquire("one")).toBe(true);
    });

    test("tells its holder to run once more when somebody asked, however many did, and stays held", async () => {
      const { lease, other } = await makeSubject();
      await lease.acquire("one");
      await other.acquire("one");
      await other.acquire("one");
      expect(await lease.releaseOrAgain("one")).toBe(true);
      expect(await lease.releaseOrAgain("one")).toBe(false);
      expect(await other.acquire("one")).toBe(true);
    });

    test("is told again by one who asks during the second run", async () => {
      const { lease, other } = await makeSubject();
      await lease.acquire("one");
      await other.acquire("one");
      expect(await lease.releaseOrAgain("one")).toBe(true);
      expect(await other.acquire("one")).toBe(false);
      expect(await lease.releaseOrAgain("one")).toBe(true);
      expect(await lease.releaseOrAgain("one")).toBe(false);
    });

    test("runs out when its holder never lets go", async () => {
      const { lease, other, outliveHolder } = await makeSubject();
      await lease.acquire("one");
      await outliveHolder();
      expect(await other.acquire("one")).toBe(true);
    });

    test("forgets with the lease who asked its dead holder", async () => {
      const { lease, other, outliveHolder } = await makeSubject();
      await lease.acquire("one");
      await other.acquire("one");
      await outliveHolder();
      expect(await other.acquire("one")).toBe(true);
      expect(await other.releaseOrAgain("one")).toBe(false);
    });
  });
}

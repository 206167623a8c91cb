import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FUNCTIONS } from "../../functions/bundle.ts";
import { bundled } from "./bundle.ts";

/** With all that EC2 has, and nobody uses, it would be 1.4. */
const MOST_BYTES = 1_000_000;
/** With `z.core` or another namespace of it used as a value, all its languages come along: three times as much. */
const MOST_ZOD_BYTES = 150_000;

test.each(FUNCTIONS)(
  "%s is bundled into 1 MB at the most, and nothing whole that is used in part",
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), "gpu-autoscaler-bundle-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { bytes, weights } = await bundled(name, join(folder, `${name}.cjs`));
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    const zod = weights.find((each) => each.name === "zod")?.bytes ?? 0;
    expect(zod).toBeGreaterThan(0);
    expect(zod).toBeLessThan(MOST_ZOD_BYTES);
    expect(weights.map((each) => each.name)).not.toContain("undici");
  },
);

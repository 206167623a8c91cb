import { defineConfig } from "vitest/config";

/** Tests over what is real: a browser, servers, SST's CLI. They find or install it, which takes its time. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts", "test/infra/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});

import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "packages/*/src/**/*.test.ts"],
    // End-to-end tests need a real control plane and run by their own script.
    exclude: [...configDefaults.exclude, "test/e2e/**"],
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
});

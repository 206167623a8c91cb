import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "packages/*/src/**/*.test.ts"],
    // End-to-end tests need what is real (a control plane, SST's platform) and run by their own script.
    exclude: [...configDefaults.exclude, "test/e2e/**", "test/infra/**"],
    // Modules are loaded once: reading the AWS clients anew for each file took a third of the time.
    isolate: false,
    // Both of two cores: by default one is left to whoever watches.
    maxWorkers: "100%",
    // Time enough on a loaded machine: a test that hangs is told all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

/// <reference path="./.sst/platform/config.d.ts" />

/** Everything that is deployed follows from autoscaler.config.ts; what it is made of is in infra/. */
export default $config({
  async app(input) {
    const { firstRegion } = await import("./infra/configuration.ts");
    return {
      name: "gpu-autoscaler",
      home: "aws",
      // What `sst remove` leaves of the stage "production" is the table. All else is made anew by a deploy.
      removal: input.stage === "production" ? "retain" : "remove",
      providers: { aws: { version: "7.20.0", region: firstRegion() ?? "us-east-1" } },
    };
  },
  async run() {
    const { deploy } = await import("./infra/deploy.ts");
    return deploy();
  },
});

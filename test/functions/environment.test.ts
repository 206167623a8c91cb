import { describe, expect, test } from "vitest";
import { interruptionEnvironment, tickEnvironment } from "../../functions/src/environment.ts";

const WHOLE = {
  CLUSTER: "production",
  TABLE_NAME: "gpu-autoscaler-production-Table",
  METRICS_URL: "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-1",
  POWERTOOLS_SERVICE_NAME: "gpu-autoscaler-tick",
  POWERTOOLS_METRICS_NAMESPACE: "GpuAutoscaler",
  TICK_FUNCTION: "gpu-autoscaler-production-tick",
};

describe("a function's environment", () => {
  test("is read whole", () => {
    expect(interruptionEnvironment(WHOLE)).toEqual({
      cluster: WHOLE.CLUSTER,
      tableName: WHOLE.TABLE_NAME,
      metricsUrl: WHOLE.METRICS_URL,
      serviceName: WHOLE.POWERTOOLS_SERVICE_NAME,
      metricsNamespace: "GpuAutoscaler",
      tickFunction: WHOLE.TICK_FUNCTION,
    });
  });

  test.each([{ METRICS_URL: "" }, { METRICS_URL: undefined }])("has no workspace by %j", (changes) => {
    expect(tickEnvironment({ ...WHOLE, ...changes }).metricsUrl).toBeNull();
  });

  test("names every problem at once", () => {
    const broken = {
      ...WHOLE,
      CLUSTER: "",
      TABLE_NAME: undefined,
      METRICS_URL: "ws-1",
      TICK_FUNCTION: undefined,
    };
    expect(() => interruptionEnvironment(broken)).toThrow(
      expect.objectContaining({
        code: "environment",
        data: {
          problems: [
            "CLUSTER is empty",
            "TABLE_NAME is not set",
            "METRICS_URL is no URL of an AMP workspace",
            "TICK_FUNCTION is not set",
          ],
        },
      }),
    );
  });

  test("of the tick needs no tick to wake", () => {
    expect(() => tickEnvironment({ ...WHOLE, TICK_FUNCTION: undefined })).not.toThrow();
  });
});

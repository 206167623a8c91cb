import { expect, test } from "vitest";
import type { Deployed } from "../deployed.ts";
import { allOf, inputsOf } from "../graph.ts";

const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

export function networkSuite(deployed: () => Deployed): void {
  test.each([
    { cluster: "production", of: "two", subnets: null },
    { cluster: "research", of: "two", subnets: ["subnet-c1", "subnet-d1"] },
    // Its API server answers to some addresses: a function has none of its own.
    { cluster: "settled", of: "settled", subnets: ["subnet-a1"] },
  ] as const)("functions of $cluster are in these subnets: $subnets", ({ cluster, of, subnets }) => {
    for (const purpose of ["tick", "interruption"]) {
      const { vpcConfig } = inputsOf(
        deployed()[of],
        "aws:lambda/function:Function",
        `${cluster}-${purpose}Function`,
      );
      if (subnets === null) expect(vpcConfig).toBeUndefined();
      else expect(vpcConfig).toMatchObject({ subnetIds: subnets, securityGroupIds: [expect.any(String)] });
    }
  });

  test("a private cluster's VPC gets an endpoint for each service that functions call", () => {
    const endpoints = allOf(deployed().two, ENDPOINT).map(({ inputs }) => inputs);
    expect(endpoints.map(({ serviceName }) => serviceName).sort()).toEqual(
      ["aps-workspaces", "autoscaling", "dynamodb", "ec2", "eks", "lambda", "pricing.api"].map(
        (service) => `com.amazonaws.us-east-1.${service}`,
      ),
    );
    for (const endpoint of endpoints) {
      expect(endpoint.vpcId).toBe("vpc-0bbbbbbbb");
      expect(endpoint).toMatchObject(
        String(endpoint.serviceName).endsWith("dynamodb")
          ? { vpcEndpointType: "Gateway", routeTableIds: ["rtb-0a0a0a0a", "rtb-0b0b0b0b"] }
          : {
              vpcEndpointType: "Interface",
              privateDnsEnabled: true,
              subnetIds: ["subnet-c1", "subnet-d1"],
            },
      );
    }
  });

  test("and none where the configuration says that there are some", () => {
    expect(allOf(deployed().settled, ENDPOINT)).toEqual([]);
  });

  test("its API server and its endpoints let the functions in, and nobody else", () => {
    const rules = allOf(deployed().two, INGRESS).map(({ inputs }) => inputs);
    expect(rules).toHaveLength(2);
    for (const rule of rules) {
      expect(rule).toMatchObject({
        referencedSecurityGroupId: expect.stringContaining("functions"),
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
      });
      expect(rule).not.toHaveProperty("cidrIpv4");
    }
    expect(inputsOf(deployed().two, INGRESS, "research-api-server").securityGroupId).toBe("sg-of-research");
  });
}

import { defineConfig } from "@gpu-autoscaler/core";

/**
 * The whole configuration. Durations are written as in Kubernetes ("90s", "10m", "1h30m"), money in
 * dollars, shares from 0 to 1. What is left out has a default; what is wrong is told all at once.
 */
export default defineConfig({
  clusters: [
    {
      // The EKS cluster's name, and the zones where it has subnets for nodes.
      name: "production",
      region: "us-east-1",
      zones: ["us-east-1a", "us-east-1b", "us-east-1c"],

      scaleUp: {
        // How long unschedulable pods wait before nodes are launched for them.
        pendingFor: { high: "0s", normal: "30s", low: "60s" },
      },

      // Brakes: GPU nodes in all, and what they may cost an hour together.
      limits: { nodes: 100, dollarsPerHour: 500 },

      spot: {
        // Spot may hold 60 % of the GPUs of interruptible pods: these classes, and annotated pods.
        share: 0.6,
        interruptibleClasses: ["training", "batch"],
      },

      pools: [
        {
          // One L4 a node. Sizes with the same GPU are scaled apart, so that a pod that needs much
          // CPU or memory gets a larger one, and others the cheapest.
          name: "l4",
          instanceTypes: ["g6.xlarge", "g6.2xlarge", "g6.4xlarge"],
          maxNodes: 40,
        },
        {
          name: "l4-four",
          instanceTypes: ["g6.12xlarge"],
          maxNodes: 10,
        },
        {
          // Training on eight H100. The Capacity Block is used first, and free while it lasts.
          name: "h100-training",
          instanceTypes: ["p5.48xlarge"],
          capacityTypes: ["on-demand"],
          capacityReservations: [
            {
              id: "cr-0123456789abcdef0",
              instanceType: "p5.48xlarge",
              zone: "us-east-1a",
              endsAt: "2027-03-01T11:30:00Z",
            },
          ],
          labels: { "example.com/interconnect": "efa" },
          // Only pods that tolerate it come here.
          taints: [{ key: "example.com/training", value: "true", effect: "NoSchedule" }],
          maxNodes: 4,
          // Such nodes take long to get and longer to load: keep them for the next job.
          keepTime: "10m",
          provisionTimeout: "30m",
        },
        {
          // Small models share a GPU: four pods each, asking for nvidia.com/gpu.shared.
          name: "inference",
          instanceTypes: ["g6.xlarge"],
          capacityTypes: ["on-demand"],
          sharing: { timeSlicing: { replicas: 4 } },
          minNodes: 1,
          maxNodes: 20,
        },
        {
          // A group that somebody else made. Watch what would be done first.
          name: "legacy",
          adopt: [
            {
              autoScalingGroup: "eks-legacy-gpu-workers",
              capacityType: "on-demand",
              instanceTypes: ["g5.xlarge"],
              zones: ["us-east-1a"],
              maxNodes: 6,
            },
          ],
          maxNodes: 6,
          dryRun: true,
        },
      ],
    },
  ],
});

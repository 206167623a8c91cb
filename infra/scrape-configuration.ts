/**
 * What is collected of a cluster's dcgm-exporter pods: each 30 s three series of a GPU or MIG
 * instance. With the recorded one, which counts as two, that is within the budget of six. Why so
 * often, and which: docs/adapters/metrics.md.
 *
 * YAML as JSON: both Prometheus and the scraper read it, and nothing needs to be escaped by hand.
 */
export function scrapeConfiguration(cluster: string): string {
  return JSON.stringify(
    {
      global: { scrape_interval: "30s", scrape_timeout: "10s" },
      scrape_configs: [
        {
          job_name: "gpu-autoscaler-dcgm",
          kubernetes_sd_configs: [{ role: "pod" }],
          relabel_configs: [
            {
              source_labels: [
                "__meta_kubernetes_pod_label_app_kubernetes_io_name",
                "__meta_kubernetes_pod_label_app",
              ],
              regex: ".*dcgm-exporter.*",
              action: "keep",
            },
            {
              source_labels: ["__meta_kubernetes_pod_container_port_name"],
              regex: "metrics",
              action: "keep",
            },
            { source_labels: ["__meta_kubernetes_pod_phase"], regex: "Running", action: "keep" },
            { source_labels: ["__meta_kubernetes_pod_node_name"], target_label: "node" },
            { target_label: "cluster", replacement: cluster },
          ],
          metric_relabel_configs: [
            { source_labels: ["__name__"], regex: KEPT.join("|"), action: "keep" },
            // Of a whole GPU its use is GPU_UTIL; of a MIG instance GR_ENGINE_ACTIVE.
            {
              source_labels: ["__name__", "GPU_I_ID"],
              regex: "DCGM_FI_PROF_GR_ENGINE_ACTIVE;",
              action: "drop",
            },
            { source_labels: ["__name__", "GPU_I_ID"], regex: "DCGM_FI_DEV_GPU_UTIL;.+", action: "drop" },
            { regex: UNUSED_LABELS.join("|"), action: "labeldrop" },
          ],
        },
      ],
    },
    null,
    2,
  );
}

const KEPT = [
  "DCGM_FI_DEV_GPU_UTIL",
  "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
  "DCGM_FI_DEV_FB_USED",
  "DCGM_FI_DEV_FB_FREE",
];

/** Labels that tell apart no series of a GPU: they only make each longer. */
const UNUSED_LABELS = ["device", "pci_bus_id", "DCGM_FI_DRIVER_VERSION"];

import { join } from "node:path";
import { apiClient } from "./api-client.ts";
import type { Endpoint, Start } from "./api-server.ts";
import { type Component, freePorts, untilReady } from "./component.ts";
import { SERVICE_ACCOUNT_KEY, writeSchedulerConfiguration } from "./files.ts";
import type { ControlPlaneOptions } from "./options.ts";

/** kube-controller-manager and kube-scheduler, where they are asked for. */
export async function startControllers(
  start: Start,
  folder: string,
  { kubeconfig, ca }: Endpoint,
  { controllerManager = false, controllerManagerFlags = [], scheduler = false }: ControlPlaneOptions,
): Promise<void> {
  const [managerPort = 0, schedulerPort = 0] = await freePorts(2);
  const serving = (port: number) => [
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--tls-cert-file=${join(folder, "apiserver.crt")}`,
    `--tls-private-key-file=${join(folder, "apiserver.key")}`,
  ];
  const started: [Component, number, string][] = [];
  if (controllerManager) {
    const flags = [
      ...serving(managerPort),
      `--kubeconfig=${kubeconfig}`,
      "--leader-elect=false",
      `--service-account-private-key-file=${join(folder, SERVICE_ACCOUNT_KEY)}`,
      "--kube-api-qps=1000",
      "--kube-api-burst=2000",
      ...controllerManagerFlags,
    ];
    started.push([start("kube-controller-manager", flags), managerPort, "/healthz"]);
  }
  if (scheduler !== false) {
    const { configuration = {} } = scheduler === true ? {} : scheduler;
    const path = await writeSchedulerConfiguration(folder, kubeconfig, configuration);
    const flags = [...serving(schedulerPort), `--config=${path}`];
    started.push([start("kube-scheduler", flags), schedulerPort, "/readyz"]);
  }
  for (const [component, port, path] of started) {
    const client = apiClient(`https://127.0.0.1:${port}`, ca, "");
    await untilReady(component, async () => (await client.request("GET", path)).status === 200);
    client.close();
  }
}

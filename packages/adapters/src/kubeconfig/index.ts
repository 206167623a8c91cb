export { type KubeconfigOptions, type OpenedKubeconfig, openKubeconfig } from "./kubeconfig-cluster.ts";
export { type KubeconfigFiles, kubeconfigFiles } from "./kubeconfig-files.ts";

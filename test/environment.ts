import { homedir } from "node:os";
import { join } from "node:path";

/** The folder of real inputs that a public checkout has not; tests that need it skip without it. */
export const dataFolder: string | undefined = process.env.GPU_AUTOSCALER_DATA;

/** Why a test skips, for its context's `skip`. */
export const NO_DATA = "GPU_AUTOSCALER_DATA is not set: it names the folder of real inputs";

/** The Chromium that the end-to-end tests open pages with; they look for one themselves without it. */
export const chromiumPath: string | undefined = process.env.CHROMIUM_PATH;

/** A folder with etcd, kube-apiserver, kube-controller-manager and kube-scheduler; they are built once without it. */
export const kubebuilderAssets: string | undefined = process.env.KUBEBUILDER_ASSETS;

/** What is built or downloaded once for the tests is kept below it. */
export const cacheFolder: string = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "gpu-autoscaler",
);

/** What programs that install something are given: all but whatever leads to an AWS account. */
export const installEnvironment: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")),
);

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { access, constants, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, kubebuilderAssets } from "../../environment.ts";
import { withLock } from "./lock.ts";

const run = promisify(execFile);

const GO_MOD = readFileSync(join(import.meta.dirname, "go.mod"), "utf8");

/** Of Kubernetes, such as "1.36.3": one that EKS runs. */
export const KUBERNETES_VERSION = /\bk8s\.io\/kubernetes v(\S+)/.exec(GO_MOD)?.[1] ?? "";

/** Each program, and the Go package that it is built from. */
const PACKAGES = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
} as const;

export type Program = keyof typeof PACKAGES;

/** The folder that the programs are in, or why there is none. */
export type FoundBinaries = { readonly folder: string } | { readonly missing: string };

/**
 * Those of KUBEBUILDER_ASSETS where it is set; else those of the cache, which are built from the
 * Go module beside this file when they are first asked for: that takes minutes. Throws where
 * KUBEBUILDER_ASSETS lacks one, or a build fails.
 */
export async function findBinaries(): Promise<FoundBinaries> {
  if (kubebuilderAssets !== undefined) {
    // A folder that is set and wrong is a mistake, not a machine without a control plane.
    for (const program of Object.keys(PACKAGES)) {
      await access(join(kubebuilderAssets, program), constants.X_OK);
    }
    return { folder: kubebuilderAssets };
  }
  const folder = join(cacheFolder, "control-plane", await versionsHash());
  if (await isThere(folder)) return { folder };
  if (!(await hasGo())) return { missing: loudly(NO_GO) };
  await mkdir(join(folder, ".."), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    // Another test file may have built them while this one waited.
    if (!(await isThere(folder))) await build(folder);
  });
  return { folder };
}

const NO_GO =
  "no control plane: put Go 1.26 on the PATH (the first run builds Kubernetes with it), or set " +
  "KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager and kube-scheduler";

/** What decides about the programs: the modules' versions, how they are built, and for which machine. */
async function versionsHash(): Promise<string> {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${BUILD_FLAGS.join(" ")}`);
  return hash
    .update(GO_MOD)
    .update(await readFile(join(import.meta.dirname, "go.sum")))
    .digest("hex")
    .slice(0, 16);
}

const VERSION = "k8s.io/component-base/version";
const [MAJOR, MINOR] = KUBERNETES_VERSION.split(".");
/** Two at a time: the linker takes gigabytes. Without the version it would call itself v0.0.0. */
const BUILD_FLAGS = [
  "-p=2",
  "-mod=readonly",
  "-buildvcs=false",
  "-trimpath",
  `-ldflags=-s -w -X ${VERSION}.gitVersion=v${KUBERNETES_VERSION} -X ${VERSION}.gitMajor=${MAJOR} -X ${VERSION}.gitMinor=${MINOR}`,
];

/** All or none: they come into their folder by one rename. */
async function build(folder: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  process.stderr.write(
    `Building the control plane of Kubernetes ${KUBERNETES_VERSION}, once; it takes minutes …\n`,
  );
  try {
    for (const [program, goPackage] of Object.entries(PACKAGES)) {
      const command = [
        "CGO_ENABLED=0",
        "go",
        "build",
        ...BUILD_FLAGS,
        "-o",
        join(unfinished, program),
        goPackage,
      ];
      await run("env", command, { cwd: import.meta.dirname, maxBuffer: 64 * 1024 ** 2 });
    }
    await rename(unfinished, folder);
  } catch (error) {
    // Two that take over the lock of one that died at once may both build: the first to end wins.
    if (!(await isThere(folder))) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function hasGo(): Promise<boolean> {
  return run("go", ["version"]).then(
    () => true,
    () => false,
  );
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function loudly(missing: string): string {
  process.stderr.write(`\n${"!".repeat(100)}\n${missing}.\n${"!".repeat(100)}\n\n`);
  return missing;
}

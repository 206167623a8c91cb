import { AutoscalerError } from "@gpu-autoscaler/core";

/** A kubeconfig that cannot be used: `place` is the file, and where in it; `problem` ends with the mend. */
export function kubeconfigError(place: string, problem: string, cause?: unknown): AutoscalerError {
  return new AutoscalerError("invalid-kubeconfig", `kubeconfig ${place}: ${problem}`, {
    data: { place },
    cause,
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

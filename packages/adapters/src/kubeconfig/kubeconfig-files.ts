import { delimiter, join } from "node:path";

/** Where kubeconfigs are, in the order in which the first that says a thing wins. */
export interface KubeconfigFiles {
  readonly files: readonly string[];
  /** Whether each must be there. kubectl passes over files of KUBECONFIG that are not. */
  readonly required: boolean;
}

/**
 * As kubectl has it: the file that is given; else those of KUBECONFIG; else ~/.kube/config.
 * `home`: the user's home folder.
 */
export function kubeconfigFiles(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): KubeconfigFiles {
  if (given !== undefined) return { files: [given], required: true };
  const listed = (environment.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
  return { files: listed.length > 0 ? listed : [join(home, ".kube", "config")], required: false };
}

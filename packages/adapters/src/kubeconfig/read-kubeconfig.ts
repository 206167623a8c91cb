import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { kubeconfigError, messageOf } from "./kubeconfig-error.ts";
import type { KubeconfigFiles } from "./kubeconfig-files.ts";
import { Kubeconfig } from "./schemas.ts";

/** A named entry, and whence: paths in it are relative to its file's folder. */
export interface Entry {
  readonly name: string;
  readonly value: unknown;
  readonly file: string;
}

/** Several kubeconfigs as one. */
export interface MergedKubeconfig {
  /** For errors. */
  readonly files: readonly string[];
  readonly currentContext: string | null;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
  readonly contexts: ReadonlyMap<string, Entry>;
}

/**
 * Reads and merges kubeconfigs as kubectl does: of entries of one name, the first file's stands.
 * Throws `invalid-kubeconfig` with the file, and the line or the field; `kubeconfig-missing` when
 * there is none.
 */
export async function readKubeconfig({ files, required }: KubeconfigFiles): Promise<MergedKubeconfig> {
  const read = (await Promise.all(files.map((file) => readOne(file, required)))).flatMap(
    (each) => each ?? [],
  );
  if (read.length === 0) throw kubeconfigMissing(files);
  const merged = (part: "clusters" | "users" | "contexts", field: string) => {
    const entries = new Map<string, Entry>();
    for (const { file, content } of read) {
      for (const { name, ...rest } of content[part] ?? []) {
        if (!entries.has(name)) entries.set(name, { name, value: rest[field], file });
      }
    }
    return entries;
  };
  const current = read.map(({ content }) => content["current-context"]).find((name) => Boolean(name));
  return {
    files: read.map(({ file }) => file),
    currentContext: current ?? null,
    clusters: merged("clusters", "cluster"),
    users: merged("users", "user"),
    contexts: merged("contexts", "context"),
  };
}

async function readOne(
  file: string,
  required: boolean,
): Promise<{ readonly file: string; readonly content: Kubeconfig } | null> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing && !required) return null;
    throw isMissing
      ? kubeconfigMissing([file])
      : kubeconfigError(file, `cannot be read (${messageOf(error)}): see to its permissions`, error);
  });
  // kubectl leaves empty files behind.
  if (text === null || text.trim() === "") return null;
  return { file, content: checked(file, parsed(file, text)) };
}

function parsed(file: string, text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false });
  const [broken] = document.errors;
  if (broken) {
    const line = text.slice(0, broken.pos[0]).split("\n").length;
    throw kubeconfigError(
      `${file}, line ${line}`,
      `is no YAML (${broken.message}): correct the line`,
      broken,
    );
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw kubeconfigError(file, `is no YAML that can be used (${messageOf(error)}): write it anew`, error);
  }
}

function checked(file: string, value: unknown): Kubeconfig {
  const { data, error } = Kubeconfig.safeParse(value);
  if (data) return data;
  const [issue] = error.issues;
  const at = placeOf(issue?.path ?? []);
  throw kubeconfigError(`${file}${at && `, ${at}`}`, `${issue?.message}: ${RENEW}`);
}

/** "users[0].name". */
export function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === "number" ? `[${part}]` : `${at > 0 ? "." : ""}${String(part)}`))
    .join("");
}

const RENEW =
  "`aws eks update-kubeconfig --name CLUSTER --region REGION` writes the entries of a cluster anew";

function kubeconfigMissing(files: readonly string[]) {
  return kubeconfigError(
    files.join(", "),
    `there is no such file, or it is empty: give --kubeconfig FILE or set KUBECONFIG; ${RENEW}`,
  );
}

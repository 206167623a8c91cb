import { nearestNames } from "@gpu-autoscaler/core";
import type * as z from "zod";
import { kubeconfigError } from "./kubeconfig-error.ts";
import { type Entry, type MergedKubeconfig, placeOf } from "./read-kubeconfig.ts";
import { KubeconfigCluster, KubeconfigContext, KubeconfigUser } from "./schemas.ts";

/** A context with what it leads to. */
export interface ChosenContext {
  readonly name: string;
  readonly cluster: Chosen<KubeconfigCluster>;
  readonly user: Chosen<KubeconfigUser>;
}

export interface Chosen<Value> {
  readonly name: string;
  readonly value: Value;
  readonly file: string;
  /** 'FILE, user "admin"': for errors. */
  readonly place: string;
}

/** The context of that name, or the current one. Throws `invalid-kubeconfig` with the place. */
export function chooseContext(config: MergedKubeconfig, named: string | undefined): ChosenContext {
  const name = named ?? config.currentContext;
  const places = config.files.join(", ");
  if (name === null) {
    const known = [...config.contexts.keys()].join(", ");
    throw kubeconfigError(
      places,
      `has no current-context: give --context NAME${known && ` (${known})`}, or run \`kubectl config use-context NAME\``,
    );
  }
  const entry = config.contexts.get(name);
  if (!entry) throw unknown(places, "context", name, config.contexts, "give another --context");
  const context = read(entry, "context", KubeconfigContext);
  const of = `of context "${name}" in ${context.file}`;
  return {
    name,
    cluster: clusterOf(config, context.value.cluster, of),
    user: userOf(config, context.value.user, of),
  };
}

function clusterOf(
  { clusters, files }: MergedKubeconfig,
  name: string,
  of: string,
): Chosen<KubeconfigCluster> {
  const entry = clusters.get(name);
  if (!entry) throw unknown(files.join(", "), "cluster", name, clusters, `correct \`cluster\` ${of}`);
  return read(entry, "cluster", KubeconfigCluster);
}

function userOf({ users, files }: MergedKubeconfig, name: string, of: string): Chosen<KubeconfigUser> {
  const entry = users.get(name);
  if (!entry) throw unknown(files.join(", "), "user", name, users, `correct \`user\` ${of}`);
  return read(entry, "user", KubeconfigUser);
}

function read<Value>({ name, value, file }: Entry, kind: string, schema: z.ZodType<Value>): Chosen<Value> {
  const place = `${file}, ${kind} "${name}"`;
  const { success, data, error } = schema.safeParse(value);
  if (success) return { name, value: data, file, place };
  const [issue] = error.issues;
  const at = placeOf(issue?.path ?? []);
  throw kubeconfigError(`${place}${at && `, ${at}`}`, issue?.message ?? "cannot be read");
}

function unknown(files: string, kind: string, name: string, known: ReadonlyMap<string, Entry>, mend: string) {
  const near = nearestNames(name, new Set(known.keys()));
  const meant = near.length > 0 ? `did you mean ${near.map((each) => `"${each}"`).join(" or ")}?` : mend;
  return kubeconfigError(files, `has no ${kind} "${name}": ${meant}`);
}

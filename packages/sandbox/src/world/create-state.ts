import { ClusterSpace, type Labels } from "@gpu-autoscaler/core";
import { createAccount } from "./account.ts";
import { createChanges } from "./changes.ts";
import { DEFAULT_START_AT } from "./constants.ts";
import { createEventQueue } from "./events.ts";
import { createGroups, fillLater } from "./groups.ts";
import { addNode } from "./nodes.ts";
import type { WorldOptions } from "./options.ts";
import { prepareRows, scheduleRows } from "./rows.ts";
import { createQueue } from "./scheduling-queue.ts";
import { createScript } from "./script.ts";
import type { WorldState } from "./state.ts";
import { createWeathercock } from "./weather.ts";

/** A world as it is before anything has happened, its load on the way. */
export function createState(options: WorldOptions): WorldState {
  const { seed = 1, startAt = DEFAULT_START_AT, weather = "none" } = options;
  const groups = createGroups(options);
  const rows = prepareRows(options, groups.values());
  const state: WorldState = {
    options,
    seed,
    startAt,
    events: createEventQueue(startAt),
    script: createScript(options, startAt),
    weather: createWeathercock(seed, weather, startAt),
    account: createAccount(),
    space: new ClusterSpace(namespacesOf(options)),
    queue: createQueue(),
    nodes: new Map(),
    pods: new Map(),
    podsByName: new Map(),
    groups,
    instances: new Map(),
    budgets: options.budgets ?? [],
    interruptions: new Map(),
    rows: rows.map((row) => row.state),
    gangs: new Map(),
    launches: new Map(),
    changes: createChanges(startAt),
    counters: { node: 0, pod: 0, instance: 0, resourceVersion: 0, launches: new Map() },
    wakeAt: Number.POSITIVE_INFINITY,
    openRows: 0,
    runningRows: 0,
    comingRows: 0,
    progressAt: startAt,
  };
  for (const node of options.nodes ?? []) {
    addNode(state, node, { instance: null, sharing: { kind: "whole" }, imageReadyAt: startAt });
  }
  for (const group of groups.values()) fillLater(state, group);
  scheduleRows(state, rows);
  return state;
}

/** As the control plane labels them, and what the options say besides. */
export function namespacesOf({ namespaces = {}, rows = [] }: WorldOptions): Readonly<Record<string, Labels>> {
  const names = new Set(["default", ...Object.keys(namespaces), ...rows.map((row) => row.namespace)]);
  return Object.fromEntries(
    [...names].map((name) => [name, { ...namespaces[name], "kubernetes.io/metadata.name": name }]),
  );
}

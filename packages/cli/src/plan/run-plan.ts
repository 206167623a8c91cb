import { AutoscalerError, MINUTE_MS, previewTick } from "@gpu-autoscaler/core";
import type { CommandContext } from "../command-context.ts";
import { type EventsFile, openEventsFile } from "../events-file.ts";
import { type ClusterOptions, type ReachedCluster, whyWrongCluster } from "../reach/reach.ts";
import { withGroupsToCome } from "./groups-to-come.ts";
import { planJson } from "./plan-json.ts";
import { planNews } from "./plan-news.ts";
import { createPlanState, type PlanState } from "./plan-state.ts";
import { planText } from "./plan-text.ts";
import { type PlanView, planView } from "./plan-view.ts";

export interface PlanOptions extends ClusterOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
  readonly events?: string;
}

/** As often as the deployed autoscaler looks. */
const EVERY_MS = MINUTE_MS;

/**
 * Shows what a tick would do now, and with `watch` each minute what of that changed. No lease is
 * taken, nothing is written.
 *
 * @throws AutoscalerError when configuration or kubeconfig is refused; "wrong-cluster"; when the
 * first plan cannot be decided
 */
export async function runPlan(options: PlanOptions, context: CommandContext): Promise<void> {
  const reach = await context.reach();
  const cluster = await reach.cluster(options);
  const events = options.events === undefined ? null : await openEventsFile(options.events);
  try {
    const wrong = whyWrongCluster(cluster);
    if (wrong !== null) throw new AutoscalerError("wrong-cluster", wrong);
    const state = createPlanState(cluster.table);
    let before: PlanView | null = null;
    do {
      const view: PlanView | null = await nextPlan(cluster, state, before === null, context);
      if (view === null) continue;
      show(view, before, options, context);
      events?.append("gpu-autoscaler", view.preview.record);
      before = view;
    } while (options.watch === true && (await reach.rest(EVERY_MS)));
  } finally {
    await closeAll(cluster, events);
  }
}

async function closeAll(cluster: ReachedCluster, events: EventsFile | null): Promise<void> {
  await Promise.all([cluster.close(), events?.close()]);
}

/** null: it could not be decided, which is said; whoever watches sees the next one. */
async function nextPlan(
  cluster: ReachedCluster,
  state: PlanState,
  isFirst: boolean,
  { stderr }: CommandContext,
): Promise<PlanView | null> {
  const { policy, eyes, way, table } = cluster;
  cluster.allow(EVERY_MS);
  try {
    const capacityReader = withGroupsToCome(eyes.capacityReader, policy);
    const preview = await previewTick({ ...eyes, capacityReader, stateStore: state.store }, policy);
    state.remember(preview.state);
    return planView(preview, policy, { way, table: table?.name ?? null, state: state.origin() });
  } catch (error) {
    if (isFirst || !(error instanceof AutoscalerError)) throw error;
    stderr.write(`error: ${error.message}\n`);
    return null;
  }
}

function show(
  view: PlanView,
  before: PlanView | null,
  { json = false, watch = false }: PlanOptions,
  { stdout }: CommandContext,
): void {
  if (json) stdout.write(`${JSON.stringify(planJson(view), null, watch ? 0 : 2)}\n`);
  else stdout.write(before === null ? planText(view) : planNews(view, before));
}

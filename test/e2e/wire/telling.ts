import type { Plan, Tick } from "@gpu-autoscaler/core";

/** What a tick did, in words: what to whom, why, and what became of it. */
export function done(tick: Pick<Tick, "effects" | "outcomes"> | null): string[] {
  if (!tick) throw new Error("somebody else held the lease");
  return tick.effects.map((effect) => {
    const outcome = tick.outcomes.find(({ key }) => key === effect.key);
    const fate = [outcome?.status, outcome?.reason?.code].filter(Boolean).join(" ");
    return `${effect.kind} ${subjectOf(effect)} ${effect.reason.code}: ${fate}`;
  });
}

function subjectOf(effect: Plan["effects"][number]): string {
  switch (effect.kind) {
    case "LaunchInstances":
      return effect.zone;
    case "SetDesiredCapacity":
      return String(effect.to);
    case "TerminateInstances":
      return effect.instances.map(({ id }) => id).join(" ");
    case "EvictPod":
      return effect.name;
    case "CordonNode":
    case "UncordonNode":
      return effect.node;
  }
}

/** What a tick made of the pods that wait. */
export function waiting(tick: Tick | null): string[] {
  return tick?.plan.demand.flatMap(({ outcomes }) => outcomes.map(({ reason }) => reason.code)) ?? [];
}

/** What a tick was short of. */
export function problems(tick: Tick | null): string[] {
  return tick?.plan.problems.map(({ code }) => code) ?? [];
}

/** Why a node stays. */
export function whyKept(tick: Tick | null, node: string): string[] {
  const decisions = tick?.plan.nodes.filter((each) => each.node === node) ?? [];
  return decisions.flatMap(({ reasons }) => reasons.map(({ code }) => code));
}

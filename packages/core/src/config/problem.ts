import { AutoscalerError } from "../model/errors.ts";

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** Where: "clusters[0].pools[2].maxNodes"; empty for the whole. */
  readonly path: string;
  /** What is wrong, and what to do. */
  readonly message: string;
}

export type Path = readonly PropertyKey[];

/** A path as JavaScript would write it. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (typeof step === "string" && /^[A-Za-z_$][\w$]*$/.test(step)) text += text ? `.${step}` : step;
    else text += `[${JSON.stringify(String(step))}]`;
  }
  return text;
}

/** All problems in one error, in the order of the configuration. */
export function invalidConfig(problems: readonly ConfigProblem[]): AutoscalerError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(({ path, message }) => `  ${path ? `${path}: ` : ""}${message}`);
  return new AutoscalerError("invalid-config", `The configuration has ${count}:\n${lines.join("\n")}`, {
    data: { problems },
  });
}

/** A value of the user's as it is quoted in a message. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  return typeof value === "object" && value !== null
    ? "an object"
    : typeof value === "function"
      ? "a function"
      : String(value);
}

export { type CommandContext, EXIT, type Output } from "./command-context.ts";
export { main } from "./program.ts";
export type { ClusterOptions, Reach, ReachedCluster, ReachedTable } from "./reach/reach.ts";

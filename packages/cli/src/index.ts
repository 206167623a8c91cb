export { type CommandContext, EXIT, type Output } from "./command-context.ts";
export { main } from "./program.ts";

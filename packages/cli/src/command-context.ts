import type { Simulate } from "@gpu-autoscaler/sandbox";
import type { Reach } from "./reach/reach.ts";

/** What the command touches of the world around it. */
export interface CommandContext {
  readonly stdout: Output;
  /** A terminal gets a progress bar here. */
  readonly stderr: Output;
  readonly simulate: Simulate;
  /** Opened by the commands that need it: AWS's clients take long to load. */
  readonly reach: () => Promise<Reach>;
}

export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Exit statuses: what was asked for was done; the program failed; what was asked for is wrong. */
export const EXIT = { done: 0, failed: 1, refused: 2 } as const;

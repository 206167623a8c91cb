import { SingleBar } from "cli-progress";
import type { Output } from "./command-context.ts";

export interface Progress {
  /** How much is done, from 0 to 1, and what is being done. */
  show(done: number, label: string): void;
  /** Takes the bar away. May be called twice. */
  end(): void;
}

/** A progress bar on a terminal, nothing elsewhere. */
export function progressOn(output: Output): Progress {
  if (output.isTTY !== true) return { show: () => {}, end: () => {} };
  const bar = new SingleBar({
    stream: output,
    format: "{bar} {percentage} %  {label}",
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(1, 0, { label: "" });
  return {
    show: (done, label) => bar.update(done, { label }),
    end: () => bar.stop(),
  };
}

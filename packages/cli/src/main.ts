#!/usr/bin/env node
import { homedir } from "node:os";
import { argv, stderr, stdout } from "node:process";
import { simulateOnThreads as simulate } from "@gpu-autoscaler/sandbox";
import { environment } from "./environment.ts";
import { main } from "./program.ts";

for (const output of [stdout, stderr]) {
  output.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read it has read enough, as `head` does.
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

async function reach() {
  const { openReach } = await import("./reach/open-reach.ts");
  return openReach({ environment, home: homedir() });
}

process.exitCode = await main(argv.slice(2), { stdout, stderr, simulate, reach });

import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { Simulate, SimulationRequest, SimulationResult } from "@gpu-autoscaler/sandbox";
import { main, type Reach } from "gpu-autoscaler";

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What was asked of the simulation, or null when it did not come to that. */
  readonly request: SimulationRequest | null;
}

const NOTHING: SimulationResult = { lowerBoundNanoDollars: 0, runs: [] };

export interface Surroundings {
  readonly simulate?: Simulate;
  /** Whether stderr is a terminal. */
  readonly terminal?: boolean;
  /** What the commands on real clusters reach: nothing unless given. */
  readonly reach?: Reach;
}

const unreachable = () => {
  throw new Error("the test gives nothing to reach");
};
/** No table is named, and there is no cluster. */
const NOTHING_REACHED: Reach = {
  clock: { now: () => 0 },
  rest: async () => false,
  tableName: ({ table }) => table ?? null,
  table: unreachable,
  cluster: unreachable,
};

/** Runs the command line in this process, with a simulation that answers `NOTHING` unless given. */
export async function runCommand(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const { simulate = () => Promise.resolve(NOTHING), terminal = false, reach } = surroundings;
  const stdout = new PassThrough();
  const stderr = Object.assign(new PassThrough(), { isTTY: terminal });
  let request: SimulationRequest | null = null;
  const status = await main(argv, {
    stdout,
    stderr,
    simulate: (asked) => {
      request = asked;
      return simulate(asked);
    },
    reach: async () => {
      return reach ?? NOTHING_REACHED;
    },
  });
  stdout.end();
  stderr.end();
  return { status, stdout: await text(stdout), stderr: await text(stderr), request };
}

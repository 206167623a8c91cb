/** A function as Lambda runs it: a process with its environment, which is sent events one after the other. */

/** What the process is sent. */
export interface Invocation {
  readonly event: unknown;
  /** Until Lambda would stop it. */
  readonly remainingMs: number;
  /** By how much its clock is ahead of the machine's. */
  readonly aheadMs: number;
}

/** What it answers, as Lambda's own runtime would. */
export type Answered =
  | { readonly result: unknown; readonly error: null }
  | { readonly result: null; readonly error: { readonly name: string; readonly message: string } };

const [file = ""] = process.argv.slice(2);
const { handler } = await import(file);
const machineNow = Date.now;

process.on("message", async ({ event, remainingMs, aheadMs }: Invocation) => {
  Date.now = () => machineNow() + aheadMs;
  const end = machineNow() + remainingMs;
  const context = {
    functionName: "function",
    awsRequestId: "request",
    getRemainingTimeInMillis: () => end - machineNow(),
  };
  process.send?.(await answered(() => handler(event, context)));
});
process.send?.("ready");

async function answered(call: () => Promise<unknown>): Promise<Answered> {
  try {
    return { result: (await call()) ?? null, error: null };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { result: null, error: { name, message } };
  }
}

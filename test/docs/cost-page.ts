import { type BillLine, billOf, metricsBillOf, totalOf } from "../bench/cost/bill.ts";
import { PRICES, PRICES_OF } from "../bench/cost/prices.ts";
import { QUIET_TICK_CALLS, SIZES, tickSeconds } from "../bench/cost/usage.ts";

/** `docs/cost.md`, made from the prices and from what a month uses. */
export function costPage(): string {
  return [
    "# What it costs to run",
    "",
    `A cluster's month at list prices of ${PRICES_OF.region} as they were known on ${PRICES_OF.date}, without free tiers and discounts. They were written down without a look at AWS's pages. Prices stand in \`test/bench/cost/prices.ts\`, quantities in \`test/bench/cost/usage.ts\`; this page is made from them (\`npx vitest run test/docs -u\` writes it anew). Nothing looks prices up: compare them with the pages that the table below names.`,
    "",
    ...billTable(
      SIZES.map((size) => `${count(size.nodes)} nodes`),
      SIZES.map(billOf),
    ),
    "",
    "The figures to reach are 5 $ at 100 nodes and 30 $ at 1,000.",
    "",
    "## What was taken for granted",
    "",
    `| | ${SIZES.map((size) => `${count(size.nodes)} nodes`).join(" | ")} |`,
    `|---|${"---:|".repeat(SIZES.length)}`,
    ...assumptions(),
    "",
    `A quiet tick calls DynamoDB ${QUIET_TICK_CALLS.dynamodb.length} times, AMP ${QUIET_TICK_CALLS.measurements} times, and ${Object.keys(QUIET_TICK_CALLS.aws).join(", ")} once each: the bundled function is held to it over the wire (\`test/e2e/functions\`). What a deciding tick writes is measured on a cluster in 50 pools with a tenth of its pods pending (\`test/bench/cost/measured.ts\`), which few clusters have in any minute. A tick's processor time and the API server's answers are what \`node test/bench/tick.ts\` measures with so many nodes, a hundredth of the pods replaced before each tick; a function has a processor by its memory, one for 1,769 MB, and waits up to 2 s besides.`,
    "",
    "## GPU metrics",
    "",
    "What DCGM measures is paid for whether the autoscaler reads it or a dashboard does. For what its collector takes in AWS charges by the sample, too; that is not in this table.",
    "",
    ...billTable(
      SIZES.map((size) => `${count(size.gpus)} GPUs`),
      SIZES.map(metricsBillOf),
    ),
    "",
    `That is ${SIZES.map((size) => perGpu(size)).join(" and ")} $ a GPU for samples. A workspace with a collector that is there already costs nothing more but the samples, and a Prometheus of your own that writes into the workspace needs no collector.`,
    "",
    "## Private clusters",
    "",
    `A function in a VPC reaches AWS by interface endpoints or a NAT gateway, where neither is there yet. An endpoint costs ${dollars(PRICES.endpointHours.dollars)} $ an hour in each zone, ${dollars(PRICES.endpointHours.dollars * 730)} $ a month: six services (Auto Scaling, EC2, EKS, Lambda, the price list, AMP) in two zones are ${dollars(PRICES.endpointHours.dollars * 730 * 12)} $, more than all else. DynamoDB's gateway endpoint is free. Share them with what else runs in the VPC.`,
    "",
    "## To pay less",
    "",
    "- Nodes cost more than anything here: `keepTime` and `minNodes` are what counts.",
    "- Metrics and alarms are fixed: two clusters cost twice as much as one.",
    "- `sst remove` leaves the table of the stage `production`, with what is in it: see what it says.",
    "",
    "## Prices",
    "",
    "| price | $ | for a | page |",
    "|---|---:|---|---|",
    ...Object.entries(PRICES).map(
      ([name, price]) => `| ${name} | ${price.dollars} | ${price.unit} | ${price.page} |`,
    ),
    "",
  ].join("\n");
}

function billTable(heads: readonly string[], bills: readonly (readonly BillLine[])[]): string[] {
  const [first = []] = bills;
  const rows = first.map(({ what, price }, at) => {
    const cells = bills.map((bill) => {
      const { quantity = 0, dollars: paid = 0 } = bill[at] ?? {};
      return `${significant(quantity)} | ${dollars(paid)}`;
    });
    return `| ${what} | ${PRICES[price].unit} | ${cells.join(" | ")} |`;
  });
  const totals = bills.map((bill) => ` | **${dollars(totalOf(bill))}**`);
  return [
    `| | unit | ${heads.map((head) => `${head} | $`).join(" | ")} |`,
    `|---|---|${"---:|---:|".repeat(heads.length)}`,
    ...rows,
    `| **a month** | | ${totals.join(" | ")} |`,
  ];
}

function assumptions(): string[] {
  const row = (what: string, of: (size: (typeof SIZES)[number]) => string) =>
    `| ${what} | ${SIZES.map(of).join(" | ")} |`;
  return [
    row("pods", ({ pods }) => count(pods)),
    row("GPUs", ({ gpus }) => count(gpus)),
    row("scheduled ticks that decide something new", ({ decidingShare }) => `${decidingShare * 100} %`),
    row("ticks that demand and interruptions ask for", ({ wakeUps }) => count(wakeUps)),
    row("processor time of a warm tick, seconds", ({ tickCpuSeconds }) => String(tickCpuSeconds)),
    row("seconds of it, in its function", (size) => tickSeconds(size).toFixed(1)),
    row("memory of its function, GB", ({ tickMemoryGb }) => String(tickMemoryGb)),
    row("Spot warnings", ({ spotWarnings }) => count(spotWarnings)),
    row("KB of a decision, as it is stored", ({ written }) => String(written.record / 1_000)),
    row("KB of the state, as it is stored", ({ written }) => String(written.state / 1_000)),
    row("KB of a deciding tick's log lines", ({ written }) => String(written.logLines / 1_000)),
    row("KB of the API server's answers to a warm tick", ({ apiServerBytes }) =>
      count(apiServerBytes / 1_000),
    ),
  ];
}

function perGpu(size: (typeof SIZES)[number]): string {
  const [samples] = metricsBillOf(size);
  return dollars((samples?.dollars ?? 0) / size.gpus, 3);
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

function significant(quantity: number): string {
  return Number(quantity.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 6 });
}

function dollars(amount: number, digits = 2): string {
  return amount.toFixed(digits);
}

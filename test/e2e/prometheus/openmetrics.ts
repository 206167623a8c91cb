/** A series as Prometheus holds it after a scrape. */
export interface HeldSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** As an exporter writes it ("NaN", "9223372036854775794"), by time. null leaves a scrape out. */
  readonly value: number | string | ((at: number) => number | string | null);
}

const SCRAPE_PERIOD_MS = 30_000;

/** The samples of series, each 30 s, in the text that `promtool tsdb create-blocks-from openmetrics` reads. */
export function openMetrics(series: readonly HeldSeries[]): string {
  const lines: string[] = [];
  for (const { name, labels, from, to, value } of series) {
    const text = Object.entries(labels).map(([label, of]) => `${label}=${JSON.stringify(of)}`);
    for (let at = from; at <= to; at += SCRAPE_PERIOD_MS) {
      const of = typeof value === "function" ? value(at) : value;
      if (of !== null) lines.push(`${name}{${text.join(",")}} ${of} ${at / 1_000}`);
    }
  }
  return `${lines.join("\n")}\n# EOF\n`;
}

/** A line of an exporter. */
export interface ExportedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

/** Reads what an exporter wrote. */
export function readExported(text: string): ExportedSample[] {
  return [...text.matchAll(/^([A-Za-z_]\w*)\{(.*)\} (\S+)$/gm)].map(
    ([, name = "", labels = "", value = ""]) => ({
      name,
      value,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = "", of = ""]) => [label, of]),
      ),
    }),
  );
}

/**
 * The labels of a scraped sample: where a target's label has the same name, the scraped one is
 * renamed to exported_…, or wins with honor_labels. An empty label is none.
 */
export function scraped(
  labels: Readonly<Record<string, string>>,
  target: Readonly<Record<string, string>>,
  honorLabels = false,
): Record<string, string> {
  const given = Object.entries(labels).filter(([, value]) => value !== "");
  if (honorLabels) return { ...target, ...Object.fromEntries(given) };
  return {
    ...Object.fromEntries(given.map(([name, value]) => [name in target ? `exported_${name}` : name, value])),
    ...target,
  };
}

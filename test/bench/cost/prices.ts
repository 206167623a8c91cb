/** When the prices were noted, and where they hold. */
export const PRICES_OF = { date: "2026-11-22", region: "us-east-1" } as const;

interface Price {
  readonly dollars: number;
  /** What one costs: "million requests". The quantities of the bill are in it. */
  readonly unit: string;
  readonly page: string;
}

/** List prices without free tiers, first tier, Linux on arm64 where it matters. The only place where they stand. */
export const PRICES = {
  lambdaGbSecond: { dollars: 0.0000133334, unit: "GB-second", page: "aws.amazon.com/lambda/pricing" },
  lambdaRequests: { dollars: 0.2, unit: "million requests", page: "aws.amazon.com/lambda/pricing" },
  scheduler: { dollars: 1, unit: "million invocations", page: "aws.amazon.com/eventbridge/pricing" },
  busEvents: { dollars: 1, unit: "million events", page: "aws.amazon.com/eventbridge/pricing" },
  queueRequests: { dollars: 0.4, unit: "million requests", page: "aws.amazon.com/sqs/pricing" },
  tableWrites: { dollars: 0.625, unit: "million write units", page: "aws.amazon.com/dynamodb/pricing" },
  tableReads: { dollars: 0.125, unit: "million read units", page: "aws.amazon.com/dynamodb/pricing" },
  tableStorage: { dollars: 0.25, unit: "GB-month", page: "aws.amazon.com/dynamodb/pricing" },
  tableBackup: { dollars: 0.2, unit: "GB-month", page: "aws.amazon.com/dynamodb/pricing" },
  metrics: { dollars: 0.3, unit: "metric-month", page: "aws.amazon.com/cloudwatch/pricing" },
  alarms: { dollars: 0.1, unit: "alarm-month", page: "aws.amazon.com/cloudwatch/pricing" },
  logs: { dollars: 0.5, unit: "GB", page: "aws.amazon.com/cloudwatch/pricing" },
  logStorage: { dollars: 0.03, unit: "GB-month", page: "aws.amazon.com/cloudwatch/pricing" },
  querySamples: { dollars: 0.1, unit: "billion samples", page: "aws.amazon.com/prometheus/pricing" },
  metricSamples: { dollars: 0.9, unit: "10 million samples", page: "aws.amazon.com/prometheus/pricing" },
  collectorHours: { dollars: 0.04, unit: "hour", page: "aws.amazon.com/prometheus/pricing" },
  network: { dollars: 0.01, unit: "GB", page: "aws.amazon.com/ec2/pricing/on-demand" },
  endpointHours: { dollars: 0.01, unit: "hour", page: "aws.amazon.com/privatelink/pricing" },
  free: { dollars: 0, unit: "million calls", page: "docs.aws.amazon.com" },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

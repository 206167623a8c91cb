import { PRICES, type PriceName } from "./prices.ts";
import { DEPLOYED, HOURS, type Size, usageOf } from "./usage.ts";

export interface BillLine {
  readonly what: string;
  readonly price: PriceName;
  /** In the price's unit. */
  readonly quantity: number;
  readonly dollars: number;
}

/** All that a cluster costs a month but its GPU metrics, each thing that is paid for in a line of its own. */
export function billOf(size: Size): BillLine[] {
  const usage = usageOf(size);
  return [
    line("Lambda, tick: time", "lambdaGbSecond", usage.tickGbSeconds),
    line("Lambda, interruption: time", "lambdaGbSecond", usage.interruptionGbSeconds),
    line("Lambda: requests", "lambdaRequests", usage.invocations),
    line("EventBridge Scheduler", "scheduler", usage.scheduled),
    line("EventBridge, demand events", "busEvents", usage.demandEvents),
    line("SQS, with Lambda's polling of an empty queue", "queueRequests", usage.queueRequests),
    line("DynamoDB: lease, state, decisions, notes written", "tableWrites", usage.tableWrites),
    line("DynamoDB: state and notes read", "tableReads", usage.tableReads),
    line("DynamoDB: decisions of 30 days", "tableStorage", usage.tableGb),
    line("DynamoDB: point-in-time recovery", "tableBackup", usage.tableGb),
    line("CloudWatch: metrics (EMF)", "metrics", usage.metricMonths),
    line("CloudWatch: alarms", "alarms", DEPLOYED.alarms),
    line("CloudWatch: logs taken in", "logs", usage.logGb),
    line("CloudWatch: logs of 30 days", "logStorage", usage.logGb),
    line("AMP: samples that ticks query", "querySamples", usage.querySamples),
    line("AMP: samples that recording rules read", "querySamples", usage.ruleSamples),
    line("Calls to Auto Scaling, EC2, EKS, the price list", "free", usage.apiCalls),
    line("Network: the API server's answers, as if from another zone", "network", usage.apiServerGb),
  ];
}

/** GPU metrics: what DCGM measures, whether the autoscaler reads it or a dashboard. */
export function metricsBillOf(size: Size): BillLine[] {
  const usage = usageOf(size);
  return [
    line(
      "AMP: samples taken in, of three series scraped and one recorded a GPU",
      "metricSamples",
      usage.metricSamples,
    ),
    line("AMP: the agentless collector", "collectorHours", HOURS),
  ];
}

export function totalOf(lines: readonly BillLine[]): number {
  return lines.reduce((sum, { dollars }) => sum + dollars, 0);
}

function line(what: string, price: PriceName, quantity: number): BillLine {
  return { what, price, quantity, dollars: quantity * PRICES[price].dollars };
}

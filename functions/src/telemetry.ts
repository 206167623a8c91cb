import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import type { Environment } from "./environment.ts";
import type { Figures, Metric } from "./metric-table.ts";

/** The function's log: what is said, and what belongs to it. */
export interface Log {
  debug(said: string, fields?: Fields): void;
  info(said: string, fields?: Fields): void;
  warn(said: string, fields?: Fields): void;
  error(said: string, fields?: Fields): void;
}
type Fields = Record<string, unknown>;

/** What a function says of itself: JSON lines in its log, and the metrics of `table` in CloudWatch's embedded format. */
export function createTelemetry<Table extends Readonly<Record<string, Metric>>>(
  { serviceName, metricsNamespace, cluster }: Environment,
  table: Table,
) {
  const logger = new Logger({ serviceName, persistentKeys: { cluster } });
  const metrics = new Metrics({
    serviceName,
    namespace: metricsNamespace,
    defaultDimensions: { cluster },
    logger,
  });
  const log: Log = {
    debug: (said, fields = {}) => logger.debug(said, fields),
    info: (said, fields = {}) => logger.info(said, fields),
    warn: (said, fields = {}) => logger.warn(said, fields),
    error: (said, fields = {}) => logger.error(said, fields),
  };
  return {
    log,
    /** Which invocation the lines that follow are of. */
    addContext: (context: Context) => logger.addContext(context),
    /** Those of one run, at once. */
    publish(figures: Figures<Table>): void {
      for (const [name, { unit }] of Object.entries(table)) {
        const value = figures[name];
        if (value !== undefined) metrics.addMetric(name, unit, value);
      }
      metrics.publishStoredMetrics();
    },
  };
}

import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import {
  type Answer,
  answerNotices,
  type EpochMs,
  type InterruptionPorts,
  type Policy,
  SECOND_MS,
} from "@gpu-autoscaler/core";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { interruptionFigures } from "./interruption-figures.ts";
import type { Figures, INTERRUPTION_METRICS } from "./metric-table.ts";
import { noticeOf } from "./notice-of.ts";
import type { Log } from "./telemetry.ts";

/** Drains that a PodDisruptionBudget holds up end so long before the function is stopped. */
const TO_END_MS = 5 * SECOND_MS;

export interface InterruptionRun {
  readonly response: SQSBatchResponse;
  readonly figures: Figures<typeof INTERRUPTION_METRICS>;
}

/**
 * Answers a batch of events. Each record succeeds or fails by itself; one that fails is logged by its
 * message id and delivered again. Throws when all of them failed. `end`: when the function will be stopped.
 */
export async function answerBatch(
  event: SQSEvent,
  policy: Policy,
  ports: InterruptionPorts,
  log: Log,
  end: EpochMs,
): Promise<InterruptionRun> {
  const read = event.Records.map((record) => ({ record, ...readRecord(record) }));
  const notices = read.flatMap(({ notice }) => notice ?? []);
  const promises = answerNotices(notices, policy, ports, end - TO_END_MS);
  const promiseOf = new Map(notices.map((notice, i) => [notice, promises[i]]));
  const fateOf = new Map(read.map((each) => [each.record.messageId, each]));
  const answers: Answer[] = [];

  const settle = async ({ messageId }: SQSRecord): Promise<void> => {
    const { notice = null, problem = null } = fateOf.get(messageId) ?? {};
    try {
      if (problem !== null) throw problem;
      const answer = notice === null ? undefined : await promiseOf.get(notice);
      if (answer === undefined) return log.debug("an event of no interest", { messageId });
      answers.push(answer);
      if (answer.ignored === null) log.info("interruption", { messageId, ...answer });
      else log.debug("an event that needs no answer", { messageId, ...answer });
    } catch (error) {
      log.error(`the event in message ${messageId} could not be answered`, { error });
      throw error;
    }
  };
  const response = await processPartialResponse(event, settle, new BatchProcessor(EventType.SQS));
  return { response, figures: interruptionFigures(answers) };
}

function readRecord({ body }: SQSRecord) {
  try {
    return { notice: noticeOf(body), problem: null };
  } catch (problem) {
    return { notice: null, problem };
  }
}

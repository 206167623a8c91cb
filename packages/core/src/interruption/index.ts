export { type Answer, type AnsweredInstance, answerNotices } from "./answer-notices.ts";
export * from "./interruption-ports.ts";
export { type Notice, overAt } from "./notice.ts";

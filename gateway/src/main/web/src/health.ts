import type {Pipeline} from "./api";
import {span} from "./text";

/** How a pipeline is, in one of five words that the whole page uses; the last are the worst. */
export type Tone = "good" | "busy" | "quiet" | "warn" | "bad";

const FILLING = new Set(["COPYING", "STARTING", "CATCHING_UP"]);
const RESTING = new Set(["PAUSED", "STOPPED", "DRAINING", "WAITING", "COMPLETED"]);

export function tone(p: Pipeline): Tone {
  if (p.state === "FAILED") {
    return "bad";
  }
  if (p.rpo.withinObjective === false) {
    return "bad";
  }
  if (p.failure !== null || !p.sourceReachable) {
    return "warn";
  }
  if (p.state !== "COMPLETED" && p.rpo.rpoSeconds !== null && p.rpo.rpoSeconds > 0.7 * p.rpo.objectiveSeconds) {
    return "warn";
  }
  if (RESTING.has(p.state)) {
    return "quiet";
  }
  return FILLING.has(p.state) ? "busy" : "good";
}

/** Why a pipeline is at risk, or nothing where it is not. */
export function risk(p: Pipeline): string | null {
  if (p.state === "FAILED") {
    return "failed";
  }
  if (p.failure !== null) {
    return `retrying, attempt ${p.retries}`;
  }
  if (p.rpo.withinObjective === false) {
    return p.state === "PAUSED" ? "paused, over its objective" : "over its objective";
  }
  if (!p.sourceReachable && p.state !== "STARTING") {
    return "the source does not answer";
  }
  if (p.state === "PAUSED") {
    return "paused";
  }
  const {breach, retention} = p.rpo.forecast;
  if (retention !== null && retention.seconds < 3600) {
    return `the source gives up unread log in ${span(retention.seconds)}`;
  }
  if (breach !== null && breach.seconds < 900 && (p.rpo.rpoSeconds ?? 0) > p.rpo.objectiveSeconds / 2) {
    return `over its objective in ${span(breach.seconds)} at this trend`;
  }
  return tone(p) === "warn" ? "close to its objective" : null;
}

/** Worst first: how many times its objective the RPO is; what nobody knows is worst. What was loaded once has none. */
export function weight(p: Pipeline): number {
  const times = p.state === "COMPLETED" ? 0 : p.rpo.rpoSeconds === null ? 1000 : p.rpo.rpoSeconds / p.rpo.objectiveSeconds;
  return times + (p.state === "FAILED" ? 1e6 : 0) + (p.failure !== null ? 1e3 : 0);
}

/** What a failure's message says to do: its last sentence, where it is one of several. */
export function nextStep(message: string): {what: string; next: string | null} {
  const parts = message.split(/(?<=[.:;]) +(?=[A-Z`])/);
  if (parts.length < 2) {
    return {what: message, next: null};
  }
  return {what: parts.slice(0, -1).join(" "), next: parts[parts.length - 1]!};
}

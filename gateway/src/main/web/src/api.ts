/** The API's answers, as `openapi.json` describes them. */

export interface Rpo {
  basis: "MEASURED" | "IDLE" | "BLIND" | "UNKNOWN";
  rpoSeconds: number | null;
  objectiveSeconds: number;
  withinObjective: boolean | null;
  unreplicatedTransactions: number;
  unreplicatedRows: number;
  unreplicatedBytes: number;
  budget: Budget;
  forecast: {catchUp: Estimate | null; breach: Estimate | null; retention: Estimate | null};
}

export interface Budget {
  target: number;
  windowSeconds: number;
  allowedSeconds: number;
  usedSeconds: number;
  leftRatio: number;
  burnRateHour: number;
  burnRateSixHours: number;
}

export interface Estimate {
  seconds: number;
  confidence: number;
}

export interface Spent {
  kept: number;
  over: number;
  unknown: number;
  unwatched: number;
  exempt: number;
  worstRpo: number;
  attained: number | null;
}

export interface PipelineReport {
  pipeline: string;
  target: string;
  objectiveSeconds: number;
  targetRatio: number;
  isWhole: boolean;
  knownSince: string | null;
  targetMet: boolean | null;
  budgetSeconds: number;
  all: Spent;
  days: {date: string; spent: Spent}[];
  breaches: {started: string; ended: string | null; seconds: number; worstSeconds: number; cause: string}[];
}

export interface Report {
  from: string;
  until: string;
  asOf: string;
  pipelines: PipelineReport[];
}

export interface Copy {
  tablesDone: number;
  tables: number;
  chunksDone: number;
  chunks: number;
  rows: number;
  rowsExpected: number;
  bytes: number;
  rowsPerSecond: number;
  bytesPerSecond: number;
  remainingSeconds: number | null;
}

export interface Table {
  table: string;
  source: string;
  copy: {state: "waiting" | "copying" | "copied"; rows: number; rowsExpected: number; chunksDone: number; chunks: number} | null;
  inserts: number;
  updates: number;
  deletes: number;
  truncates: number;
  lastChange: string | null;
}

export interface TablePage {
  total: number;
  matching: number;
  tables: Table[];
}

export interface Failure {
  errorClass: string;
  message: string;
  at: string;
  table: string | null;
  key: string | null;
  gap: {from: string; to: string} | null;
}

export interface Pipeline {
  name: string;
  replication: string;
  mode: string;
  source: string;
  target: string;
  state: string;
  since: string;
  position: string | null;
  commitTime: string | null;
  consistentAt: string | null;
  rpo: Rpo;
  lagBytes: number | null;
  retainedBytes: number | null;
  clockOffsetSeconds: number;
  clockUncertaintySeconds: number;
  sourceReachable: boolean;
  bufferedRows: number;
  bufferedBytes: number;
  appliedTransactions: number;
  appliedChanges: number;
  copy: Copy | null;
  failure: Failure | null;
  retries: number;
}

export interface Replication {
  name: string;
  mode: string;
  state: string;
  rpoSeconds: number | null;
  objectiveSeconds: number;
  pipelines: Pipeline[];
}

export interface Live {
  at: string;
  replications: Replication[];
}

export interface JournalEvent {
  id: number;
  at: string;
  pipeline: string;
  kind: string;
  text: string;
}

export interface Conflict {
  id: string;
  site: string;
  pipeline: string;
  at: string;
  table: string;
  key: string;
  kind: string;
  operation: string;
  resolution: string;
  reason: string;
  policy: string | null;
  incoming: {at: string | null; site: string; deletes: boolean};
  standing: {at: string | null; site: string; deletes: boolean} | null;
  open: boolean;
  resolved: {at: string; by: string; choice: string} | null;
}

export interface ConflictDetail {
  conflict: Conflict;
  hasIncoming: boolean;
  hasStanding: boolean;
  masked: boolean;
  columns: {name: string; sent: boolean; incoming: string | null; standing: string | null; differs: boolean; masked: boolean}[];
}

export interface Sample {
  at: number;
  rpoSeconds: number | null;
  latencySeconds: number | null;
  changes: number;
  transactions: number;
  lagBytes: number | null;
  bufferedBytes: number;
}

export interface Course {
  objectiveSeconds: number;
  samples: Sample[];
}

export interface Session {
  gateway: string;
  version: string;
  caller: string;
  role: "viewer" | "operator";
}

export type Json = null | boolean | number | string | Json[] | {[key: string]: Json};

export interface Configuration {
  gateway: {[key: string]: Json};
  databases: {[name: string]: {url: string; region: string | null; [key: string]: Json}};
  replications: {
    [name: string]: {source: string; target: string; buffer: {maxBytes: string; maxRows: number}; [key: string]: Json};
  };
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const KEY = "sluice.token";

export function token(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

export function keepToken(value: string): void {
  if (value === "") {
    sessionStorage.removeItem(KEY);
  } else {
    sessionStorage.setItem(KEY, value);
  }
}

function headers(more: Record<string, string> = {}): Record<string, string> {
  return token() === "" ? more : {...more, Authorization: `Bearer ${token()}`};
}

async function refuse(answer: Response): Promise<never> {
  let detail = `The gateway answers ${answer.status}.`;
  try {
    const problem = (await answer.json()) as {detail?: string; title?: string};
    detail = problem.detail ?? problem.title ?? detail;
  } catch {
    // not a problem document
  }
  throw new ApiError(answer.status, detail);
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(`/api/v1/${path}`, {headers: headers(), ...(signal ? {signal} : {})});
  return answer.ok ? ((await answer.json()) as T) : refuse(answer);
}

/** A report as a file, which a link could not fetch where the gateway asks for a token. */
export async function file(path: string): Promise<Blob> {
  const answer = await fetch(`/api/v1/${path}`, {headers: headers()});
  return answer.ok ? answer.blob() : refuse(answer);
}

export async function order(pipeline: string, action: string, reason: string): Promise<void> {
  await post(`pipelines/${encodeURIComponent(pipeline)}/${action}`, reason === "" ? {} : {reason});
}

export async function resolveConflict(path: string, choice: string, force: boolean, reason: string): Promise<void> {
  await post(`${path}/resolve`, reason === "" ? {choice, force} : {choice, force, reason});
}

async function post(path: string, body: Json): Promise<void> {
  const answer = await fetch(`/api/v1/${path}`, {
    method: "POST",
    headers: headers({"Content-Type": "application/json"}),
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    await refuse(answer);
  }
}

/** After this long without a word a stream is given up: its connection may be dead without an end. */
const SILENT_MS = 10_000;

/**
 * Follows server-sent events until the stream ends or falls silent; the gateway speaks every second.
 * `EventSource` cannot send a token, so this reads the stream itself.
 */
export async function follow(
  path: string,
  heard: (event: string, data: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const aborter = new AbortController();
  const stop = () => aborter.abort();
  let silent = setTimeout(stop, SILENT_MS);
  signal.addEventListener("abort", stop);
  try {
    await read(path, heard, aborter.signal, () => {
      clearTimeout(silent);
      silent = setTimeout(stop, SILENT_MS);
    });
  } finally {
    clearTimeout(silent);
    signal.removeEventListener("abort", stop);
  }
}

async function read(
  path: string,
  heard: (event: string, data: string) => void,
  signal: AbortSignal,
  alive: () => void,
): Promise<void> {
  const answer = await fetch(`/api/v1/${path}`, {headers: headers({Accept: "text/event-stream"}), signal});
  if (!answer.ok || answer.body === null) {
    await refuse(answer);
    return;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const {done, value} = await reader.read();
    if (done) {
      return;
    }
    alive();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      let event = "message";
      let data = "";
      for (const line of block.split("\n")) {
        if (line.startsWith("event: ")) {
          event = line.slice(7);
        } else if (line.startsWith("data: ")) {
          data += line.slice(6);
        }
      }
      if (data !== "") {
        heard(event, data);
      }
    }
  }
}

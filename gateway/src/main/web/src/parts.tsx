import {useEffect, useRef, useState, type ReactNode} from "react";
import {order, type JournalEvent, type Pipeline, type Session} from "./api";
import {tone} from "./health";
import {clock, day, seconds, state} from "./text";

export function pipelineLink(name: string): string {
  return `#/pipeline/${encodeURIComponent(name)}`;
}

export function StateMark({pipeline}: {pipeline: Pipeline}) {
  return (
    <span className={`mark ${tone(pipeline)}`}>
      <span className="dot" aria-hidden="true" />
      {state(pipeline.state)}
    </span>
  );
}

/** The RPO beside what it is to stay under, as figures and as a bar that is full at the objective. */
export function RpoGauge({pipeline}: {pipeline: Pipeline}) {
  const {rpoSeconds, objectiveSeconds} = pipeline.rpo;
  const part = rpoSeconds === null ? 0 : Math.min(1, rpoSeconds / objectiveSeconds);
  return (
    <span className={`gauge ${tone(pipeline)}`}>
      <span className="figure">{seconds(rpoSeconds)}</span>
      <span className="of">of {seconds(objectiveSeconds)}</span>
      <svg className="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect className="track" width="100" height="4" />
        <rect className="fill" width={100 * part} height="4" />
      </svg>
    </span>
  );
}

/** What is left of the error budget, and how fast it goes. */
export function BudgetMark({pipeline}: {pipeline: Pipeline}) {
  const {leftRatio, burnRateHour} = pipeline.rpo.budget;
  const colour = leftRatio < 0 ? "bad" : leftRatio < 0.25 || burnRateHour > 6 ? "warn" : "good";
  return (
    <span className={`gauge ${colour}`}>
      <span className="figure">{`${Math.floor(100 * leftRatio)}\u202f% left`}</span>
      <svg className="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect className="track" width="100" height="4" />
        <rect className="fill" width={Math.max(0, Math.min(100, 100 * leftRatio))} height="4" />
      </svg>
    </span>
  );
}

export function Fact({name, children, tone: colour}: {name: string; children: ReactNode; tone?: string}) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd className={colour ?? ""}>{children}</dd>
    </div>
  );
}

const DOES: Record<string, {title: string; text: string}> = {
  pause: {
    title: "Pause",
    text: "It writes what it has read and waits. The source keeps its log meanwhile, which takes room there, and the RPO grows.",
  },
  resume: {title: "Resume", text: "It goes on from its checkpoint."},
  restart: {
    title: "Restart",
    text: "It ends what it is doing and begins again from its checkpoint, as at the gateway's start. Nothing is copied twice.",
  },
};

/** What an operator can order, each after a question. */
export function Actions({pipeline, session}: {pipeline: Pipeline; session: Session | null}) {
  const [asked, setAsked] = useState<string | null>(null);
  if (session?.role !== "operator") {
    return session === null ? null : <span className="hint">This token is for looking only.</span>;
  }
  const paused = pipeline.state === "PAUSED";
  const ended = ["FAILED", "STOPPED", "COMPLETED"].includes(pipeline.state);
  const offered = paused ? ["resume", "restart"] : ended ? ["restart"] : ["pause", "restart"];
  return (
    <div className="actions">
      {offered.map((action) => (
        <button key={action} type="button" data-action={action} onClick={() => setAsked(action)}>
          {DOES[action]!.title}
        </button>
      ))}
      {asked !== null && (
        <Question
          {...DOES[asked]!}
          about={<> <span className="name">{pipeline.name}</span></>}
          confirmed={(reason) => order(pipeline.name, asked, reason)}
          close={() => setAsked(null)}
        />
      )}
    </div>
  );
}

interface Asking {
  title: string;
  /** What it is about, behind the title. */
  about: ReactNode;
  text: string;
  /** More to choose from, where there is more. */
  children?: ReactNode;
  confirmed: (reason: string) => Promise<void>;
  close: () => void;
}

/** Asks before something is done, and for its reason; says why where it was not done. */
export function Question({title, about, text, children, confirmed, close}: Asking) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const confirm = async () => {
    setBusy(true);
    try {
      await confirmed(reason.trim());
      close();
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="question">
      <h2 id="question">
        {title}
        {about}?
      </h2>
      <p>{text}</p>
      {children}
      <label>
        Reason, for the journal
        <input value={reason} maxLength={200} onChange={(e) => setReason(e.target.value)} placeholder="optional" />
      </label>
      {error !== null && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      <div className="actions">
        <button type="button" onClick={close}>
          Cancel
        </button>
        <button type="button" className="primary" data-action="confirm" disabled={busy} onClick={confirm}>
          {title}
        </button>
      </div>
    </dialog>
  );
}

const KIND_TONE: Record<string, string> = {
  failure: "bad",
  breach: "bad",
  forecast: "warn",
  retry: "warn",
  recovery: "good",
  operator: "busy",
  state: "quiet",
};

/** Events, the newest first. */
export function EventList({events, withPipeline}: {events: JournalEvent[]; withPipeline: boolean}) {
  if (events.length === 0) {
    return <p className="nothing">Nothing has happened.</p>;
  }
  let before = "";
  return (
    <table className="events">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Kind</th>
          {withPipeline && <th scope="col">Pipeline</th>}
          <th scope="col">What happened</th>
        </tr>
      </thead>
      <tbody>
        {[...events]
          .sort((a, b) => b.id - a.id)
          .map((event) => {
            const date = day(event.at);
            const shown = date === before ? "" : `${date} `;
            before = date;
            return (
              <tr key={event.id}>
                <td className="time">
                  <time dateTime={event.at}>
                    <span className="date">{shown}</span>
                    {clock(event.at)}
                  </time>
                </td>
                <td>
                  <span className={`mark ${KIND_TONE[event.kind] ?? "quiet"}`}>
                    <span className="dot" aria-hidden="true" />
                    {event.kind}
                  </span>
                </td>
                {withPipeline && (
                  <td className="name">
                    <a href={pipelineLink(event.pipeline)}>{event.pipeline}</a>
                  </td>
                )}
                <td className="text">{event.text}</td>
              </tr>
            );
          })}
      </tbody>
    </table>
  );
}

import {useEffect, useMemo, useRef, useState} from "react";
import {get, type Configuration, type Course, type JournalEvent, type Pipeline, type Sample, type Session} from "../api";
import {Chart} from "../Chart";
import {nextStep, risk, tone} from "../health";
import {useAnswer, type Feed} from "../live";
import {Actions, EventList, Fact} from "../parts";
import {bytes, clock, count, rate, seconds, size, span, state} from "../text";

const KEPT = 900;
const PATIENCE_MS = 10_000;

/** The course of the last quarter of an hour: asked for once, then only what is new. */
function useCourse(name: string, tick: string): Sample[] {
  const [samples, setSamples] = useState<Sample[]>([]);
  const last = samples[samples.length - 1]?.at ?? 0;
  const asking = useRef<AbortController | null>(null);
  useEffect(() => {
    if (asking.current !== null) {
      return; // asked for at every tick, a slow answer would never come
    }
    const aborter = new AbortController();
    asking.current = aborter;
    const late = setTimeout(() => aborter.abort(), PATIENCE_MS);
    void get<Course>(`pipelines/${encodeURIComponent(name)}/history?after=${Math.round(last * 1000)}`, aborter.signal).then(
      (course) =>
        setSamples((known) => {
          const newest = known[known.length - 1]?.at ?? 0;
          return [...known, ...course.samples.filter((s) => s.at > newest)].slice(-KEPT);
        }),
      () => undefined, // the page says that it is stale
    ).finally(() => {
      clearTimeout(late);
      if (asking.current === aborter) {
        asking.current = null;
      }
    });
    // `last` only moves with an answer; the tick is what asks again.
  }, [name, tick]);
  useEffect(
    () => () => {
      asking.current?.abort();
      asking.current = null;
    },
    [name],
  );
  return samples;
}

interface Props {
  pipeline: Pipeline | null;
  name: string;
  config: Configuration | null;
  session: Session | null;
  feed: Feed;
}

export function PipelinePage({pipeline, name, config, session, feed}: Props) {
  const samples = useCourse(name, feed.live?.at ?? "");
  const past = useAnswer((signal) => get<{events: JournalEvent[]}>("events?limit=1000", signal), name).value;
  const events = useMemo(() => {
    const all = new Map<number, JournalEvent>();
    for (const event of [...(past?.events ?? []), ...feed.news]) {
      if (event.pipeline === name) {
        all.set(event.id, event);
      }
    }
    return [...all.values()].sort((a, b) => a.id - b.id).slice(-25);
  }, [past, feed.news, name]);

  if (pipeline === null) {
    return (
      <p className="nothing">
        There is no pipeline {name}. <a href="#/">Overview</a>
      </p>
    );
  }
  const p = pipeline;
  return (
    <>
      <div className="title">
        <h1 className="name">{p.name}</h1>
        <span className={`mark big ${tone(p)}`} data-state={p.state}>
          <span className="dot" aria-hidden="true" />
          {state(p.state)}
        </span>
        <span className="hint">
          {p.mode}, for {span((Date.now() - Date.parse(p.since)) / 1000)}
        </span>
        <span className="push" />
        <Actions pipeline={p} session={session} />
      </div>
      <StateLine pipeline={p} />
      {p.failure !== null && <FailureBox pipeline={p} />}
      <Figures pipeline={p} samples={samples} />
      <Way pipeline={p} config={config} samples={samples} />
      <Courses pipeline={p} samples={samples} />
      <section aria-labelledby="checkpoint">
        <h2 id="checkpoint">Checkpoint</h2>
        <dl className="facts wide">
          <Fact name="Position">
            <code>{p.position ?? "none yet"}</code>
          </Fact>
          <Fact name="Committed at the source">{p.commitTime === null ? "unknown" : p.commitTime}</Fact>
          {p.consistentAt !== null && (
            <Fact name="Of one moment from">
              <code>{p.consistentAt}</code>
            </Fact>
          )}
          <Fact name="The source's clock">
            {Math.abs(p.clockOffsetSeconds) < 0.001
              ? "as the gateway's"
              : `${seconds(Math.abs(p.clockOffsetSeconds))} ${p.clockOffsetSeconds > 0 ? "ahead" : "behind"}`}
            , give or take {seconds(p.clockUncertaintySeconds)}
          </Fact>
        </dl>
      </section>
      <section aria-labelledby="happened">
        <h2 id="happened">What happened</h2>
        <EventList events={events} withPipeline={false} />
        <p>
          <a href={`#/events/${encodeURIComponent(p.name)}`}>All events of this pipeline</a>
        </p>
      </section>
    </>
  );
}

const WAY = ["STARTING", "COPYING", "CATCHING_UP", "STREAMING"];

/** Where it is on its way to streaming, and what took it off that way. */
function StateLine({pipeline}: {pipeline: Pipeline}) {
  const at = WAY.indexOf(pipeline.state);
  const steps = at >= 0 ? WAY : [...WAY, pipeline.state];
  return (
    <ol className="state-line" aria-label="State">
      {steps.map((step) => (
        <li key={step} className={step === pipeline.state ? `now ${tone(pipeline)}` : ""} aria-current={step === pipeline.state ? "step" : undefined}>
          {state(step)}
        </li>
      ))}
    </ol>
  );
}

function FailureBox({pipeline}: {pipeline: Pipeline}) {
  const failure = pipeline.failure!;
  const {what, next} = nextStep(failure.message);
  const failed = pipeline.state === "FAILED";
  return (
    <section className={`failure ${failed ? "bad" : "warn"}`} role="alert">
      <h2>{failed ? "It failed and waits for an operator" : `It tries again by itself (attempt ${pipeline.retries})`}</h2>
      <p className="message">{what}</p>
      {failure.table !== null && (
        <p>
          Table <code>{failure.table}</code>
          {failure.key !== null && (
            <>
              , row <code>{failure.key}</code>
            </>
          )}
        </p>
      )}
      {failure.gap !== null && (
        <p>
          Lost to the log: from <code>{failure.gap.from}</code> to <code>{failure.gap.to}</code>
        </p>
      )}
      <p className="next">
        <strong>Next step</strong> {next ?? (failed ? "Mend the cause, then restart the pipeline." : "None, unless it stays: see that the database can be reached.")}
      </p>
      <p className="hint">
        {failure.errorClass} error at {clock(failure.at)}
      </p>
    </section>
  );
}

function mean(samples: Sample[], of: (s: Sample) => number, last: number): number {
  const some = samples.slice(-last);
  return some.length === 0 ? 0 : some.reduce((n, s) => n + of(s), 0) / some.length;
}

function slowest(samples: Sample[]): number | null {
  return samples.slice(-10).reduce<number | null>((m, s) => (s.latencySeconds === null ? m : Math.max(m ?? 0, s.latencySeconds)), null);
}

function Figures({pipeline: p, samples}: {pipeline: Pipeline; samples: Sample[]}) {
  const latency = slowest(samples);
  const budget = p.rpo.budget;
  const {breach, catchUp, retention} = p.rpo.forecast;
  const basis: Record<string, string> = {
    MEASURED: "transactions are on their way",
    IDLE: "all that was committed is there",
    BLIND: "nothing is heard of the source",
    UNKNOWN: "until the copy is whole",
  };
  return (
    <dl className="headline">
      <div>
        <dt>RPO</dt>
        <dd className={risk(p) === null ? "" : tone(p)} data-figure="rpo">
          {seconds(p.rpo.rpoSeconds)} <small>of {seconds(p.rpo.objectiveSeconds)}</small>
        </dd>
        <dd className="hint">{basis[p.rpo.basis]}</dd>
      </div>
      <div>
        <dt>Error budget</dt>
        <dd className={budget.leftRatio < 0 ? "bad" : ""} data-figure="budget">
          {Math.floor(100 * budget.leftRatio)} % <small>left of {span(budget.allowedSeconds)}</small>
        </dd>
        <dd className="hint">
          burns at {budget.burnRateHour.toFixed(1)} of 1, <a href="#/report">report</a>
        </dd>
      </div>
      <div>
        <dt>Forecast</dt>
        <dd data-figure="forecast" className={breach !== null ? "warn" : ""}>
          {breach !== null ? `breach in ${span(breach.seconds)}` : catchUp !== null ? `caught up in ${span(catchUp.seconds)}` : "steady"}
        </dd>
        <dd className="hint">
          {breach !== null
            ? `confidence ${Math.round(100 * breach.confidence)} %`
            : catchUp !== null
              ? `confidence ${Math.round(100 * catchUp.confidence)} %`
              : retention === null
                ? "no trend towards its objective"
                : "but see the source's log"}
          {retention !== null && `; unread log is given up in ${span(retention.seconds)}`}
        </dd>
      </div>
      <div>
        <dt>Latency</dt>
        <dd>{latency === null ? "–" : seconds(latency)}</dd>
        <dd className="hint">slowest commit of 10 s</dd>
      </div>
      <div>
        <dt>Throughput</dt>
        <dd>{rate(mean(samples, (s) => s.changes, 10))}</dd>
        <dd className="hint">changes, over 10 s</dd>
      </div>
      <div>
        <dt>Backlog</dt>
        <dd>
          {count(p.rpo.unreplicatedTransactions)} <small>transactions</small>
        </dd>
        <dd className="hint">
          {count(p.rpo.unreplicatedRows)} rows; {bytes(p.lagBytes)} of log
        </dd>
      </div>
    </dl>
  );
}

/** From the source's log to the target's commit: what is held at each stage. */
function Way({pipeline: p, config, samples}: {pipeline: Pipeline; config: Configuration | null; samples: Sample[]}) {
  const buffer = config?.replications[p.replication]?.buffer;
  const full = buffer === undefined ? 0 : Math.max(p.bufferedBytes / Math.max(1, size(buffer.maxBytes)), p.bufferedRows / buffer.maxRows);
  const reading = ["COPYING", "CATCHING_UP", "STREAMING", "DRAINING"].includes(p.state);
  const stages: {name: string; figure: string; hint: string; part: number | null; tone: string}[] = [
    {
      name: `${p.source}: log`,
      figure: bytes(p.retainedBytes),
      hint: p.sourceReachable ? "kept for this pipeline" : "the source does not answer",
      part: null,
      tone: p.sourceReachable ? "good" : "bad",
    },
    {
      name: "capture",
      figure: bytes(p.lagBytes),
      hint: reading ? "from the checkpoint to the log's end" : "not reading",
      part: null,
      tone: reading ? "good" : "quiet",
    },
    {
      name: "buffer",
      figure: `${count(p.bufferedRows)} rows`,
      hint: buffer === undefined ? bytes(p.bufferedBytes) : `${bytes(p.bufferedBytes)} of ${buffer.maxBytes}, ${Math.round(full * 100)} % full`,
      part: full,
      tone: full > 0.9 ? "warn" : "good",
    },
    {
      name: `apply: ${p.target}`,
      figure: rate(mean(samples, (s) => s.transactions, 10)),
      hint: "transactions become durable",
      part: null,
      tone: p.failure === null ? (reading ? "good" : "quiet") : "warn",
    },
  ];
  return (
    <section aria-labelledby="way">
      <h2 id="way">Capture to apply</h2>
      <ol className="way">
        {stages.map((stage) => (
          <li key={stage.name} className={stage.tone}>
            <span className="stage">{stage.name}</span>
            <span className="figure">{stage.figure}</span>
            {stage.part !== null && (
              <svg className="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect className="track" width="100" height="4" />
                <rect className="fill" width={Math.min(100, 100 * stage.part)} height="4" />
              </svg>
            )}
            <span className="hint">{stage.hint}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Courses({pipeline: p, samples}: {pipeline: Pipeline; samples: Sample[]}) {
  const at = useMemo(() => samples.map((s) => s.at), [samples]);
  const objective = p.rpo.objectiveSeconds;
  const lines = useMemo(
    () => ({
      rpo: [
        {label: "RPO", values: samples.map((s) => s.rpoSeconds), colour: "accent", fill: true},
        {label: "Objective", values: samples.map(() => objective), colour: "bad", dash: true},
      ],
      latency: [{label: "Slowest", values: samples.map((s) => s.latencySeconds), colour: "accent", fill: true}],
      changes: [{label: "Changes", values: samples.map((s) => s.changes), colour: "accent", fill: true}],
      lag: [{label: "Lag", values: samples.map((s) => s.lagBytes), colour: "accent", fill: true}],
    }),
    [samples, objective],
  );
  if (samples.length < 2) {
    return <p className="nothing">The course begins now.</p>;
  }
  return (
    <section aria-label="The last quarter of an hour" className="charts">
      <Chart title="RPO" at={at} lines={lines.rpo} show={seconds} summary={`now ${seconds(p.rpo.rpoSeconds)}, objective ${seconds(objective)}`} />
      <Chart title="Latency, from commit to commit" at={at} lines={lines.latency} show={seconds} summary={`now ${seconds(slowest(samples))}`} />
      <Chart title="Throughput, changes a second" at={at} lines={lines.changes} show={count} summary={`now ${rate(mean(samples, (s) => s.changes, 10))}`} />
      <Chart title="Backlog, bytes of log" at={at} lines={lines.lag} show={bytes} summary={`now ${bytes(p.lagBytes)}`} />
    </section>
  );
}

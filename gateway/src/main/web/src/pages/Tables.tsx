import type {Copy, Pipeline} from "../api";
import {StateMark, pipelineLink} from "../parts";
import {bytes, count, rate, span} from "../text";
import {TableList} from "./TableList";

/** Each pipeline's copy as a whole, and its tables. */
export function Tables({pipelines}: {pipelines: Pipeline[]}) {
  // All lists together ask ten times a second at most: the gateway answers an address only so often.
  const everyMs = Math.max(2_000, 100 * pipelines.length);
  return (
    <>
      <h1>Tables</h1>
      {pipelines.map((p) => (
        <section key={p.name} aria-label={p.name} className="copy">
          <h2>
            <a className="name" href={pipelineLink(p.name)}>
              {p.name}
            </a>{" "}
            <StateMark pipeline={p} />
          </h2>
          {p.copy !== null && <CopyProgress pipeline={p.name} copy={p.copy} />}
          <TableList pipeline={p.name} everyMs={everyMs} />
        </section>
      ))}
    </>
  );
}

function CopyProgress({pipeline, copy}: {pipeline: string; copy: Copy}) {
  const done = copy.tablesDone === copy.tables;
  const part = done ? 1 : copy.rowsExpected === 0 ? 0 : Math.min(1, copy.rows / copy.rowsExpected);
  return (
    <>
      <div className="progress" role="progressbar" aria-label={`Copy of ${pipeline}`} aria-valuenow={Math.round(part * 100)} aria-valuemin={0} aria-valuemax={100}>
        <svg className="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          <rect className="track" width="100" height="4" />
          <rect className="fill" width={100 * part} height="4" />
        </svg>
        <span className="figure">{done ? "copied" : `${Math.floor(part * 100)} %`}</span>
      </div>
      <dl className="facts">
        <div className="fact">
          <dt>Tables</dt>
          <dd>
            {count(copy.tablesDone)} of {count(copy.tables)}
          </dd>
        </div>
        <div className="fact">
          <dt>Parts</dt>
          <dd>
            {count(copy.chunksDone)} of {count(copy.chunks)}
          </dd>
        </div>
        <div className="fact">
          <dt>Rows</dt>
          <dd>{done ? count(copy.rows) : `${count(copy.rows)} of about ${count(copy.rowsExpected)}`}</dd>
        </div>
        <div className="fact">
          <dt>Size</dt>
          <dd>{bytes(copy.bytes)}</dd>
        </div>
        {!done && (
          <>
            <div className="fact">
              <dt>Rate</dt>
              <dd>
                {rate(copy.rowsPerSecond)} rows, {bytes(copy.bytesPerSecond)}/s
              </dd>
            </div>
            <div className="fact">
              <dt>Left</dt>
              <dd>{copy.remainingSeconds === null ? "unknown" : span(copy.remainingSeconds)}</dd>
            </div>
          </>
        )}
      </dl>
    </>
  );
}

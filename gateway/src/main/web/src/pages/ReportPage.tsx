import {useState} from "react";
import {file, get, type PipelineReport, type Report} from "../api";
import {useAnswer} from "../live";
import {Fact, pipelineLink} from "../parts";
import {percent, seconds, span} from "../text";

function thisMonth(): string {
  return new Date().toISOString().slice(0, 7);
}

/** How the objectives were kept in a month, with every breach. */
export function ReportPage({month}: {month: string}) {
  const shown = /^\d{4}-\d{2}$/.test(month) ? month : thisMonth();
  const {value, error} = useAnswer((signal) => get<Report>(`rpo/report?month=${shown}`, signal), shown);
  const report = value?.from.startsWith(shown) ? value : null;
  const [trouble, setTrouble] = useState<string | null>(null);
  const save = async (format: string) => {
    try {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await file(`rpo/report?format=${format}&month=${shown}`));
      link.download = `rpo-${shown}.${format}`;
      link.click();
      URL.revokeObjectURL(link.href);
      setTrouble(null);
    } catch (e) {
      setTrouble(e instanceof Error ? e.message : String(e));
    }
  };
  return (
    <>
      <div className="title">
        <h1>RPO report</h1>
        <span className="push" />
        <label>
          <span className="visually-hidden">Month</span>
          <input type="month" value={shown} max={thisMonth()} onChange={(e) => (window.location.hash = `/report/${e.target.value}`)} />
        </label>
        <div className="actions">
          {["html", "csv", "json"].map((format) => (
            <button key={format} type="button" data-save={format} onClick={() => void save(format)}>
              {format.toUpperCase()}
            </button>
          ))}
        </div>
      </div>
      {(trouble ?? error) !== null && (
        <p className="error" role="alert">
          {trouble ?? error}
        </p>
      )}
      {report === null && error !== null ? null : report === null ? (
        <p className="nothing" role="status">
          Asking the gateway …
        </p>
      ) : (
        report.pipelines.map((p) => <OfPipeline key={p.pipeline} report={p} />)
      )}
      <p className="hint">
        Kept: the RPO was known and within its objective. Over: it was not. Unknown: it could not be told. Unwatched: no gateway looked. Only what
        is kept counts towards the target. Days are UTC.
      </p>
    </>
  );
}

function OfPipeline({report}: {report: PipelineReport}) {
  const {all} = report;
  const colour = report.targetMet === null ? "" : report.targetMet ? "good" : "bad";
  return (
    <section aria-label={report.pipeline} className="report" data-report={report.pipeline}>
      <h2>
        <a className="name" href={pipelineLink(report.pipeline)}>
          {report.pipeline}
        </a>
      </h2>
      {!report.isWhole && (
        <p className="error">
          Not whole: what earlier runs of the gateway kept in {report.target} has not been read yet.
        </p>
      )}
      <dl className="facts wide">
        <Fact name="Attained" tone={colour}>
          {percent(all.attained)} of {percent(report.targetRatio)}
        </Fact>
        <Fact name="Objective">{seconds(report.objectiveSeconds)}</Fact>
        <Fact name="Budget used">
          {seconds(all.over + all.unknown + all.unwatched)} of {seconds(report.budgetSeconds)}
        </Fact>
        <Fact name="Worst RPO">{seconds(all.worstRpo)}</Fact>
        <Fact name="Breaches">{report.breaches.length}</Fact>
      </dl>
      {report.breaches.length > 0 && (
        <div className="scroll">
          <table className="pipelines">
            <thead>
              <tr>
                <th scope="col">Breach from</th>
                <th scope="col">For</th>
                <th scope="col">At worst</th>
                <th scope="col">Cause</th>
              </tr>
            </thead>
            <tbody>
              {report.breaches.map((breach) => (
                <tr key={breach.started}>
                  <th scope="row">
                    <time dateTime={breach.started}>{breach.started.slice(0, 19).replace("T", " ")}</time>
                  </th>
                  <td data-label="For">
                    {span(breach.seconds)}
                    {breach.ended === null && ", and it lasts"}
                  </td>
                  <td data-label="At worst">{seconds(breach.worstSeconds)}</td>
                  <td data-label="Cause">{breach.cause}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {report.days.length > 0 && (
        <div className="scroll">
          <table className="pipelines">
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col">Attained</th>
                <th scope="col">Over</th>
                <th scope="col">Unknown</th>
                <th scope="col">Unwatched</th>
                <th scope="col">Worst RPO</th>
              </tr>
            </thead>
            <tbody>
              {report.days.map(({date, spent}) => (
                <tr key={date}>
                  <th scope="row">{date}</th>
                  <td data-label="Attained">{percent(spent.attained)}</td>
                  <td data-label="Over">{span(spent.over)}</td>
                  <td data-label="Unknown">{span(spent.unknown)}</td>
                  <td data-label="Unwatched">{span(spent.unwatched)}</td>
                  <td data-label="Worst RPO">{seconds(spent.worstRpo)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

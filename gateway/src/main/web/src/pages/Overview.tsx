import type {Configuration, Pipeline} from "../api";
import {risk, tone, weight} from "../health";
import {BudgetMark, RpoGauge, StateMark, pipelineLink} from "../parts";
import {RegionMap} from "../RegionMap";
import {bytes, count, seconds, span} from "../text";

export function Overview({pipelines, config}: {pipelines: Pipeline[]; config: Configuration | null}) {
  const risky = pipelines.filter((p) => risk(p) !== null).sort((a, b) => weight(b) - weight(a));
  const within = pipelines.filter((p) => p.rpo.withinObjective === true && p.state !== "FAILED").length;
  const known = pipelines.filter((p) => p.rpo.rpoSeconds !== null);
  const worst = known.reduce<Pipeline | null>(
    (a, b) => (a === null || b.rpo.rpoSeconds! > a.rpo.rpoSeconds! ? b : a),
    null,
  );
  const unknown = pipelines.length - known.length;
  return (
    <>
      <h1 className="visually-hidden">Overview</h1>
      <dl className="headline">
        <div>
          <dt>Would be lost now, at worst</dt>
          <dd className={worst === null ? "" : tone(worst)}>
            {worst === null ? "unknown" : seconds(worst.rpo.rpoSeconds)}{" "}
            {worst !== null && unknown > 0 && <small>and {unknown} unknown</small>}
          </dd>
        </div>
        <div>
          <dt>Within objective</dt>
          <dd>
            {within} <small>of {pipelines.length} pipelines</small>
          </dd>
        </div>
        <div>
          <dt>Not yet on the target</dt>
          <dd>
            {count(pipelines.reduce((n, p) => n + p.rpo.unreplicatedTransactions, 0))} <small>transactions</small>
          </dd>
        </div>
        <div>
          <dt>Applied</dt>
          <dd>
            {count(pipelines.reduce((n, p) => n + p.appliedTransactions, 0))} <small>transactions</small>
          </dd>
        </div>
      </dl>

      <section aria-labelledby="risk">
        <h2 id="risk">At risk now</h2>
        {risky.length === 0 ? (
          <p className="calm">Nothing is at risk. Every pipeline is within its objective.</p>
        ) : (
          <ol className="risks">
            {risky.map((p) => (
              <li key={p.name} className={tone(p)}>
                <a className="name" href={pipelineLink(p.name)}>
                  {p.name}
                </a>
                <span className="why">
                  {risk(p)}, for {span((Date.now() - Date.parse(p.since)) / 1000)}
                </span>
                <RpoGauge pipeline={p} />
                {p.failure !== null && <p className="message">{p.failure.message}</p>}
              </li>
            ))}
          </ol>
        )}
      </section>

      <section aria-labelledby="map">
        <h2 id="map">Regions</h2>
        <RegionMap pipelines={pipelines} config={config} />
      </section>

      <section aria-labelledby="all">
        <h2 id="all">Pipelines</h2>
        <div className="scroll">
          <table className="pipelines">
            <thead>
              <tr>
                <th scope="col">Pipeline</th>
                <th scope="col">Mode</th>
                <th scope="col">State</th>
                <th scope="col">RPO</th>
                <th scope="col">Error budget</th>
                <th scope="col" className="number">
                  Lag
                </th>
                <th scope="col" className="number">
                  Kept by the source
                </th>
                <th scope="col" className="number">
                  Transactions
                </th>
              </tr>
            </thead>
            <tbody>
              {pipelines.map((p) => (
                <tr key={p.name}>
                  <th scope="row" className="name">
                    <a href={pipelineLink(p.name)}>{p.name}</a>
                  </th>
                  <td data-label="Mode">{p.mode}</td>
                  <td data-label="State">
                    <StateMark pipeline={p} />
                  </td>
                  <td data-label="RPO">
                    <RpoGauge pipeline={p} />
                  </td>
                  <td data-label="Error budget">
                    <BudgetMark pipeline={p} />
                  </td>
                  <td data-label="Lag" className="number">
                    {bytes(p.lagBytes)}
                  </td>
                  <td data-label="Kept by the source" className="number">
                    {bytes(p.retainedBytes)}
                  </td>
                  <td data-label="Transactions" className="number">
                    {count(p.appliedTransactions)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  );
}

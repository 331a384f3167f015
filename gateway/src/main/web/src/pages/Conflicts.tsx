import {useEffect, useRef, useState} from "react";
import {get, resolveConflict, type Conflict, type ConflictDetail, type Pipeline, type Session} from "../api";
import {useAnswer} from "../live";
import {Fact, pipelineLink, Question} from "../parts";
import {clock, count, day} from "../text";

const PAGE = 100;
const KINDS = [
  "insert_exists",
  "update_exists",
  "update_origin_differs",
  "update_missing",
  "update_deleted",
  "delete_origin_differs",
  "delete_missing",
  "multiple_unique_conflicts",
];
const RESOLUTIONS = ["apply", "keep", "merge", "park"];
const FILTERS = ["site", "table", "kind", "resolution", "open"] as const;

/** A site that could not be asked, and why not. */
interface Away {
  site: string;
  reason: string;
}

type Filter = Partial<Record<(typeof FILTERS)[number], string>>;

/** The filters of the address: `kind=update_deleted/open=true`. */
function filterOf(rest: string[]): Filter {
  const filter: Filter = {};
  for (const part of rest) {
    const is = part.indexOf("=");
    const name = FILTERS.find((f) => f === part.slice(0, is));
    if (name !== undefined) {
      filter[name] = part.slice(is + 1);
    }
  }
  return filter;
}

function listLink(filter: Filter): string {
  return `/conflicts/${FILTERS.filter((f) => (filter[f] ?? "") !== "")
    .map((f) => encodeURIComponent(`${f}=${filter[f]}`))
    .join("/")}`.replace(/\/+$/, "");
}

function conflictLink(conflict: Conflict): string {
  const number = conflict.id.slice(conflict.id.lastIndexOf("/") + 1);
  return `#/conflicts/${encodeURIComponent(conflict.site)}/${number}`;
}

interface Props {
  pipelines: Pipeline[];
  session: Session | null;
  /** What the address has: a site and a number, or filters. */
  rest: string[];
}

export function Conflicts({pipelines, session, rest}: Props) {
  const [site = "", id = ""] = rest;
  const isOne = site !== "" && !site.includes("=") && id !== "";
  return isOne ? <One key={`${site}/${id}`} path={`conflicts/${encodeURIComponent(site)}/${id}`} session={session} /> : <List pipelines={pipelines} rest={rest} />;
}

function List({pipelines, rest}: {pipelines: Pipeline[]; rest: string[]}) {
  const filter = filterOf(rest);
  const key = listLink(filter);
  const sites = [...new Set(pipelines.filter((p) => p.mode === "bidirectional" || p.mode === "merge").map((p) => p.target))];
  const [found, setFound] = useState<Conflict[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [away, setAway] = useState<Away[]>([]);
  const [error, setError] = useState<string | null>(null);
  const asked = useRef("");

  const load = async (after: string | null) => {
    const words = new URLSearchParams({limit: `${PAGE}`});
    FILTERS.filter((f) => (filter[f] ?? "") !== "").forEach((f) => words.set(f, filter[f]!));
    if (after !== null) {
      words.set("after", after);
    }
    try {
      const page = await get<{conflicts: Conflict[]; next: string | null; away: Away[]}>(`conflicts?${words}`);
      if (asked.current === key) {
        setFound((known) => [...(after === null ? [] : (known ?? [])), ...page.conflicts]);
        setNext(page.next);
        setAway(page.away);
        setError(null);
      }
    } catch (e) {
      if (asked.current === key) {
        setError(e instanceof Error ? e.message : String(e));
      }
    }
  };
  useEffect(() => {
    asked.current = key;
    setFound(null);
    setNext(null);
    setAway([]);
    void load(null);
  }, [key]);

  const go = (name: (typeof FILTERS)[number], value: string) => {
    window.location.hash = listLink({...filter, [name]: value});
  };
  const choice = (name: "site" | "kind" | "resolution", title: string, values: string[]) => (
    <label>
      {title}
      <select value={filter[name] ?? ""} data-filter={name} onChange={(e) => go(name, e.target.value)}>
        <option value="">all</option>
        {values.map((v) => (
          <option key={v}>{v}</option>
        ))}
      </select>
    </label>
  );
  return (
    <>
      <h1>Conflicts</h1>
      <div className="filters">
        {choice("site", "Site", sites)}
        {choice("kind", "Kind", KINDS)}
        {choice("resolution", "Decided", RESOLUTIONS)}
        <label>
          Table
          <input
            key={filter.table ?? ""}
            defaultValue={filter.table ?? ""}
            placeholder="schema.table"
            onBlur={(e) => go("table", e.target.value.trim())}
            onKeyDown={(e) => e.key === "Enter" && go("table", e.currentTarget.value.trim())}
          />
        </label>
        <label className="check">
          <input type="checkbox" checked={filter.open === "true"} data-filter="open" onChange={(e) => go("open", e.target.checked ? "true" : "")} />
          Waiting for somebody
        </label>
      </div>
      {error !== null && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      {away.map((a) => (
        <p className="error" role="alert" key={a.site}>
          The conflicts of {a.site} are missing here: {a.reason}
        </p>
      ))}
      {found === null ? (
        error === null && <p className="nothing">Asking the sites …</p>
      ) : found.length === 0 ? (
        <p className="nothing">No such conflict is on record.</p>
      ) : (
        <Table conflicts={found} />
      )}
      {next !== null && (
        <button type="button" onClick={() => void load(next)}>
          Earlier conflicts
        </button>
      )}
    </>
  );
}

function Table({conflicts}: {conflicts: Conflict[]}) {
  return (
    <table className="events conflicts">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Conflict</th>
          <th scope="col">Row</th>
          <th scope="col">Kind</th>
          <th scope="col">Decided</th>
        </tr>
      </thead>
      <tbody>
        {conflicts.map((c) => (
          <tr key={c.id} data-conflict={c.id}>
            <td className="time">
              <time dateTime={c.at}>
                <span className="date">{day(c.at)} </span>
                {clock(c.at)}
              </time>
            </td>
            <td className="name">
              <a href={conflictLink(c)}>{c.id}</a>
            </td>
            <td className="text">
              {c.table} <code>{c.key}</code>
            </td>
            <td>{c.kind}</td>
            <td>
              <State conflict={c} />
              {c.policy !== null && <div className="hint">by {c.policy}</div>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function State({conflict: c}: {conflict: Conflict}) {
  return (
    <span className={`mark ${c.open ? "warn" : "quiet"}`} data-open={c.open}>
      <span className="dot" aria-hidden="true" />
      {c.resolution}
      {c.resolved !== null && `, resolved: ${c.resolved.choice}`}
      {c.open && ", waits"}
    </span>
  );
}

function One({path, session}: {path: string; session: Session | null}) {
  const [round, setRound] = useState(0);
  const {value, error} = useAnswer((signal) => get<ConflictDetail>(path, signal), `${path} ${round}`);
  if (value === null) {
    return (
      <>
        <h1>Conflict</h1>
        <p className={error === null ? "nothing" : "error"} role={error === null ? "status" : "alert"}>
          {error ?? "Asking the site …"}
        </p>
        <p>
          <a href="#/conflicts">All conflicts</a>
        </p>
      </>
    );
  }
  const c = value.conflict;
  const written = (w: NonNullable<Conflict["standing"]>) => `${w.deletes ? "deleted" : "written"} at ${w.site}${w.at === null ? ", before it was copied" : `, ${w.at}`}`;
  return (
    <>
      <div className="title">
        <h1 className="name">{c.id}</h1>
        <State conflict={c} />
        <span className="push" />
        {session?.role === "operator" && c.resolved === null && <Resolve detail={value} path={path} done={() => setRound((r) => r + 1)} />}
      </div>
      <dl className="facts wide">
        <Fact name="Row">
          {c.table} <code>{c.key}</code>
        </Fact>
        <Fact name="Kind">{c.kind}</Fact>
        <Fact name="Decided">
          {c.resolution}
          {c.policy !== null && ` by ${c.policy}`}, at {c.at}: {c.reason}
        </Fact>
        <Fact name="Pipeline">
          <a className="name" href={pipelineLink(c.pipeline)}>
            {c.pipeline}
          </a>
        </Fact>
        {c.resolved !== null && (
          <Fact name="Resolved">
            {c.resolved.choice}, at {c.resolved.at} by {c.resolved.by}
          </Fact>
        )}
      </dl>
      <section aria-labelledby="rows">
        <h2 id="rows">Both rows</h2>
        {value.masked && <p className="hint">This token is for looking only: it sees no values but the key's.</p>}
        <div className="scroll">
          <table className="images">
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col">
                  The change
                  <span className="hint">
                    {c.operation}, {written(c.incoming)}
                  </span>
                </th>
                <th scope="col">
                  What it met
                  <span className="hint">{c.standing === null ? "nothing is known of it" : written(c.standing)}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {value.columns.map((column) => (
                <tr key={column.name} className={column.differs ? "differs" : ""} data-differs={column.differs}>
                  <th scope="row">
                    {column.name}
                    {column.differs && <span className="mark warn">differs</span>}
                  </th>
                  <td>{!value.hasIncoming ? <i>no row</i> : !column.sent ? <i>not changed</i> : <Value text={column.incoming} />}</td>
                  <td>{!value.hasStanding ? <i>no row</i> : <Value text={column.standing} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p className="hint">{count(value.columns.filter((column) => column.differs).length)} columns differ.</p>
      </section>
      <p>
        <a href="#/conflicts">All conflicts</a>
      </p>
    </>
  );
}

function Value({text}: {text: string | null}) {
  return text === null ? <i>NULL</i> : <code>{text}</code>;
}

const CHOICES: Record<string, {title: string; text: string}> = {
  "apply-incoming": {title: "Apply the change", text: "The row becomes what the change would have made of it."},
  keep: {title: "Keep what it met", text: "The row becomes what the change found."},
  dismiss: {title: "Dismiss", text: "Nothing is written: the row was looked after otherwise."},
};

/** What an operator can choose, each after a question. */
function Resolve({detail, path, done}: {detail: ConflictDetail; path: string; done: () => void}) {
  const [choice, setChoice] = useState<string | null>(null);
  const [force, setForce] = useState(false);
  const close = () => {
    setChoice(null);
    setForce(false);
  };
  return (
    <div className="actions">
      {Object.entries(CHOICES).map(([name, {title}]) => (
        <button key={name} type="button" data-choice={name} onClick={() => setChoice(name)}>
          {title}
        </button>
      ))}
      {choice !== null && (
        <Question
          {...CHOICES[choice]!}
          about={<>: <span className="name">{detail.conflict.id}</span></>}
          confirmed={(reason) => resolveConflict(path, choice, force, reason).then(done)}
          close={close}
        >
          {choice !== "dismiss" && (
            <>
              <p>
                It is written at {detail.conflict.site} as any user there would write it, and comes to all sites.
              </p>
              <label className="check">
                <input type="checkbox" checked={force} data-action="force" onChange={(e) => setForce(e.target.checked)} />
                Also if the row has changed since
              </label>
            </>
          )}
        </Question>
      )}
    </div>
  );
}

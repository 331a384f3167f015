import {useEffect, useRef, useState} from "react";
import {get, type Table, type TablePage} from "../api";
import {clock, count, day} from "../text";

const PAGE = 50;
const PATIENCE_MS = 10_000;

const ORDERS: [string, string][] = [
  ["name", "name"],
  ["copy", "least copied"],
  ["last-change", "latest change"],
  ["changes", "most changes"],
];

interface Question {
  name: string;
  sort: string;
  offset: number;
}

/** A page of a pipeline's tables, asked for again and again; one question at a time. */
function usePage(pipeline: string, question: Question, everyMs: number): {page: TablePage | null; error: string | null} {
  const [state, setState] = useState<{page: TablePage | null; error: string | null}>({page: null, error: null});
  const {name, sort, offset} = question;
  useEffect(() => {
    const closing = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const query = new URLSearchParams({name, sort, offset: `${offset}`, limit: `${PAGE}`});
      const patience = AbortSignal.any([closing.signal, AbortSignal.timeout(PATIENCE_MS)]);
      try {
        const page = await get<TablePage>(`pipelines/${encodeURIComponent(pipeline)}/tables?${query}`, patience);
        setState({page, error: null});
      } catch (e) {
        if (closing.signal.aborted) {
          return;
        }
        setState((s) => ({...s, error: e instanceof Error ? e.message : String(e)}));
      }
      timer = setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      closing.abort();
      clearTimeout(timer);
    };
  }, [pipeline, name, sort, offset, everyMs]);
  return state;
}

/** What became of each table: its copy, what was applied to it, and when last. */
export function TableList({pipeline, everyMs}: {pipeline: string; everyMs: number}) {
  const [question, setQuestion] = useState<Question>({name: "", sort: "name", offset: 0});
  const {page, error} = usePage(pipeline, question, everyMs);
  const list = useRef<HTMLDivElement>(null);
  if (page === null) {
    return <p className="nothing">{error ?? "Asking for the tables …"}</p>;
  }
  const first = question.offset + 1;
  const last = question.offset + page.tables.length;
  const turn = (offset: number) => {
    setQuestion((q) => ({...q, offset}));
    list.current?.scrollIntoView({block: "nearest"});
  };
  return (
    <div className="tables" ref={list}>
      <div className="filters">
        <label>
          Name
          <input value={question.name} onChange={(e) => setQuestion((q) => ({...q, name: e.target.value, offset: 0}))} placeholder="a part of it" />
        </label>
        <label>
          Order
          <select value={question.sort} onChange={(e) => setQuestion((q) => ({...q, sort: e.target.value, offset: 0}))}>
            {ORDERS.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </div>
      {error !== null && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      {page.tables.length === 0 ? (
        <p className="nothing">{page.total === 0 ? "Its tables are not known yet." : "No table of that name."}</p>
      ) : (
        <div className="scroll">
          <table className="pipelines table-list">
            <thead>
              <tr>
                <th scope="col">Table</th>
                <th scope="col">Copy</th>
                <th scope="col" className="number">
                  Inserts
                </th>
                <th scope="col" className="number">
                  Updates
                </th>
                <th scope="col" className="number">
                  Deletes
                </th>
                <th scope="col">Last change</th>
              </tr>
            </thead>
            <tbody>
              {page.tables.map((t) => (
                <Line key={t.table} table={t} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="hint pages">
        {page.tables.length > 0 && `${count(first)} to ${count(last)} of ${count(page.matching)} tables. `}
        Changes are counted from the gateway's start.{" "}
        {question.offset > 0 && (
          <button type="button" onClick={() => turn(Math.max(0, question.offset - PAGE))}>
            Former
          </button>
        )}{" "}
        {last < page.matching && (
          <button type="button" data-action="next" onClick={() => turn(question.offset + PAGE)}>
            Next
          </button>
        )}
      </p>
    </div>
  );
}

function Line({table: t}: {table: Table}) {
  return (
    <tr data-table={t.table}>
      <th scope="row" className="name">
        {t.table}
        {t.source !== t.table && <span className="hint"> of {t.source}</span>}
      </th>
      <td data-label="Copy" data-copy={t.copy?.state ?? "none"}>
        <CopyCell copy={t.copy} />
      </td>
      <td data-label="Inserts" className="number">
        {count(t.inserts)}
      </td>
      <td data-label="Updates" className="number">
        {count(t.updates)}
      </td>
      <td data-label="Deletes" className="number">
        {count(t.deletes)}
        {t.truncates > 0 && <span className="hint"> and {count(t.truncates)} × all</span>}
      </td>
      <td data-label="Last change">
        {t.lastChange === null ? (
          <span className="hint">none</span>
        ) : (
          <time dateTime={t.lastChange}>
            {day(t.lastChange)} {clock(t.lastChange)}
          </time>
        )}
      </td>
    </tr>
  );
}

function CopyCell({copy}: {copy: Table["copy"]}) {
  if (copy === null) {
    return <span className="hint">–</span>;
  }
  if (copy.state === "waiting") {
    return <span className="hint">waits, about {count(copy.rowsExpected)} rows</span>;
  }
  if (copy.state === "copied") {
    return <>{count(copy.rows)} rows</>;
  }
  const part = copy.rowsExpected === 0 ? 0 : Math.min(1, copy.rows / copy.rowsExpected);
  return (
    <span className="gauge busy">
      <span className="figure">{Math.floor(100 * part)} %</span>
      <span className="of">
        {count(copy.rows)} of about {count(copy.rowsExpected)} rows, {count(copy.chunksDone)} of {count(copy.chunks)} parts
      </span>
      <svg className="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect className="track" width="100" height="4" />
        <rect className="fill" width={100 * part} height="4" />
      </svg>
    </span>
  );
}

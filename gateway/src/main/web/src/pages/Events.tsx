import {useEffect, useMemo, useState} from "react";
import {get, type JournalEvent, type Pipeline} from "../api";
import {EventList} from "../parts";

const PAGE = 200;
const KINDS = ["failure", "breach", "forecast", "retry", "recovery", "operator", "state"];

interface Props {
  pipelines: Pipeline[];
  news: JournalEvent[];
  /** The pipeline and the kind of the address, where it has them. */
  filter: string[];
}

export function Events({pipelines, news, filter}: Props) {
  const [pipeline = "", kind = ""] = filter;
  const [past, setPast] = useState<JournalEvent[]>([]);
  const [more, setMore] = useState(true);
  const [error, setError] = useState<string | null>(null);

  const load = async (before: number | null) => {
    try {
      const page = await get<{events: JournalEvent[]}>(`events?limit=${PAGE}${before === null ? "" : `&before=${before}`}`);
      setPast((known) => [...page.events, ...known.filter((k) => !page.events.some((e) => e.id === k.id))]);
      setMore(page.events.length === PAGE);
      setError(null);
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e));
    }
  };
  useEffect(() => {
    void load(null);
  }, []);

  const shown = useMemo(() => {
    const all = new Map([...past, ...news].map((e) => [e.id, e]));
    return [...all.values()].filter((e) => (pipeline === "" || e.pipeline === pipeline) && (kind === "" || e.kind === kind));
  }, [past, news, pipeline, kind]);

  const go = (toPipeline: string, toKind: string) => {
    window.location.hash = `/events/${encodeURIComponent(toPipeline)}/${toKind}`.replace(/\/+$/, "");
  };
  return (
    <>
      <h1>Events</h1>
      <div className="filters">
        <label>
          Pipeline
          <select value={pipeline} onChange={(e) => go(e.target.value, kind)}>
            <option value="">all</option>
            {pipelines.map((p) => (
              <option key={p.name}>{p.name}</option>
            ))}
          </select>
        </label>
        <label>
          Kind
          <select value={kind} onChange={(e) => go(pipeline, e.target.value)}>
            <option value="">all</option>
            {KINDS.map((k) => (
              <option key={k}>{k}</option>
            ))}
          </select>
        </label>
      </div>
      {error !== null && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      <EventList events={shown} withPipeline={pipeline === ""} />
      {more && past.length > 0 && (
        <button type="button" onClick={() => void load(Math.min(...past.map((e) => e.id)))}>
          Earlier events
        </button>
      )}
    </>
  );
}

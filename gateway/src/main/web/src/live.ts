import {useEffect, useRef, useState} from "react";
import {ApiError, follow, type JournalEvent, type Live} from "./api";

export interface Feed {
  live: Live | null;
  /** When the last word came, by this machine's clock. */
  heardAt: number;
  /** Why nothing comes; null while it does. */
  trouble: string | null;
  refused: boolean;
  /** Events since the page was opened, the newest last. */
  news: JournalEvent[];
}

const NEWS_KEPT = 500;

/** After this long without a word what is shown is stale: the stream ticks every second. */
export const STALE_MS = 4000;

/** The gateway's live stream, joined again whenever it breaks. `round` begins anew. */
export function useFeed(round: number): Feed {
  const [feed, setFeed] = useState<Feed>({live: null, heardAt: 0, trouble: null, refused: false, news: []});

  useEffect(() => {
    const aborter = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;

    const heard = (event: string, data: string) => {
      const now = Date.now();
      if (event === "status") {
        const live = JSON.parse(data) as Live;
        setFeed((f) => ({...f, live, heardAt: now, trouble: null, refused: false}));
      } else if (event === "journal") {
        const entry = JSON.parse(data) as JournalEvent;
        setFeed((f) => ({...f, news: [...f.news, entry].slice(-NEWS_KEPT)}));
      }
    };

    const run = async () => {
      try {
        await follow("stream", heard, aborter.signal);
        setFeed((f) => ({...f, trouble: "The gateway ended the stream."}));
      } catch (e) {
        if (aborter.signal.aborted) {
          return;
        }
        const refused = e instanceof ApiError && e.status === 401;
        const trouble = e instanceof ApiError ? e.message : "The gateway does not answer.";
        setFeed((f) => ({...f, trouble, refused}));
        if (refused) {
          return;
        }
      }
      timer = setTimeout(run, 1500);
    };
    void run();
    return () => {
      aborter.abort();
      clearTimeout(timer);
    };
  }, [round]);

  return feed;
}

/** The time, told again every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Asks once per `key`; null until there is an answer. */
export function useAnswer<T>(ask: (signal: AbortSignal) => Promise<T>, key: string): {value: T | null; error: string | null} {
  const [state, setState] = useState<{value: T | null; error: string | null}>({value: null, error: null});
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const aborter = new AbortController();
    latest.current(aborter.signal).then(
      (value) => setState({value, error: null}),
      (e: unknown) => {
        if (!aborter.signal.aborted) {
          setState((s) => ({...s, error: e instanceof Error ? e.message : String(e)}));
        }
      },
    );
    return () => aborter.abort();
  }, [key]);
  return state;
}

/** The address's part after `#`, by which every page can be linked. */
export function useRoute(): string[] {
  const read = () => window.location.hash.replace(/^#\/?/, "");
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = () => setRoute(read());
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return route.split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}

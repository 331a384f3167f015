import {useEffect, useState} from "react";
import {get, keepToken, token, type Configuration, type Session} from "./api";
import {useAnswer, useFeed, useNow, useRoute, STALE_MS, type Feed} from "./live";
import {clock, span} from "./text";
import {Overview} from "./pages/Overview";
import {PipelinePage} from "./pages/PipelinePage";
import {Tables} from "./pages/Tables";
import {Events} from "./pages/Events";
import {ReportPage} from "./pages/ReportPage";
import {Conflicts} from "./pages/Conflicts";
import {ConfigurationPage} from "./pages/ConfigurationPage";

const PAGES: [string, string][] = [
  ["", "Overview"],
  ["tables", "Tables"],
  ["conflicts", "Conflicts"],
  ["events", "Events"],
  ["report", "RPO report"],
  ["configuration", "Configuration"],
];

export function App() {
  const [round, setRound] = useState(0);
  const feed = useFeed(round);
  const now = useNow();
  const [page = "", ...rest] = useRoute();
  const key = `${round}`;
  const session = useAnswer((signal) => get<Session>("session", signal), key).value;
  const config = useAnswer((signal) => get<Configuration>("configuration", signal), key).value;
  const stale = feed.live !== null && now - feed.heardAt > STALE_MS;
  const pipelines = feed.live?.replications.flatMap((r) => r.pipelines) ?? [];
  const pipeline = page === "pipeline" ? rest.join("/") : null;

  useEffect(() => {
    const name = pipeline ?? PAGES.find(([path]) => path === page)?.[1] ?? "Sluice";
    document.title = `${stale ? "(stale) " : ""}${name} · Sluice`;
  }, [page, pipeline, stale]);

  const signIn = (given: string) => {
    keepToken(given);
    setRound((r) => r + 1);
  };

  return (
    <>
      <a className="skip" href="#main" onClick={(e) => {
        e.preventDefault();
        document.getElementById("main")?.focus();
      }}>
        To the content
      </a>
      <header>
        <a className="brand" href="#/">
          <img src="/favicon.svg" alt="" width="20" height="20" />
          Sluice
        </a>
        <span className="gateway">{session?.gateway}</span>
        <nav aria-label="Pages">
          {PAGES.map(([path, name]) => (
            <a key={path} href={`#/${path}`} aria-current={page === path ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <span className="push" />
        <Liveness feed={feed} stale={stale} />
        <Theme />
        {token() !== "" && !feed.refused && (
          <button type="button" className="plain" onClick={() => signIn("")}>
            Sign out
          </button>
        )}
      </header>
      {stale && (
        <div className="stale" role="alert">
          <strong>Stale.</strong> The gateway has not been heard for {span((now - feed.heardAt) / 1000)}. What stands
          here is as of {clock(feed.live!.at)}; what would be lost grows meanwhile. {feed.trouble}
        </div>
      )}
      <main id="main" tabIndex={-1} className={stale ? "is-stale" : ""}>
        {feed.refused ? (
          <SignIn signIn={signIn} tried={token() !== ""} />
        ) : feed.live === null ? (
          <p className="nothing" role="status">
            {feed.trouble ?? "Asking the gateway …"}
          </p>
        ) : pipeline !== null ? (
          <PipelinePage
            key={pipeline}
            pipeline={pipelines.find((p) => p.name === pipeline) ?? null}
            name={pipeline}
            config={config}
            session={session}
            feed={feed}
          />
        ) : page === "tables" ? (
          <Tables pipelines={pipelines} />
        ) : page === "conflicts" ? (
          <Conflicts pipelines={pipelines} session={session} rest={rest} />
        ) : page === "events" ? (
          <Events pipelines={pipelines} news={feed.news} filter={rest} />
        ) : page === "report" ? (
          <ReportPage month={rest[0] ?? ""} />
        ) : page === "configuration" ? (
          <ConfigurationPage config={config} />
        ) : page === "" ? (
          <Overview pipelines={pipelines} config={config} />
        ) : (
          <p className="nothing">
            There is no such page. <a href="#/">Overview</a>
          </p>
        )}
      </main>
      <footer>
        Sluice {session?.version} · <a href="/api/v1/openapi.json">API</a> · <a href="/metrics">Metrics</a>
        {session !== null && ` · ${session.caller}, ${session.role}`}
      </footer>
    </>
  );
}

function Liveness({feed, stale}: {feed: Feed; stale: boolean}) {
  const live = feed.live !== null && !stale && feed.trouble === null;
  return (
    <span className={`mark liveness ${live ? "good" : feed.live === null && feed.trouble === null ? "quiet" : "bad"}`}>
      <span className="dot" aria-hidden="true" />
      {live ? "live" : stale ? "stale" : feed.trouble === null ? "connecting" : "no connection"}
      {feed.live !== null && <time dateTime={feed.live.at}>{clock(feed.live.at)}</time>}
    </span>
  );
}

/** Follows the system until told otherwise. */
function Theme() {
  const [theme, setTheme] = useState(localStorage.getItem("sluice.theme") ?? "");
  useEffect(() => {
    if (theme === "") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem("sluice.theme");
    } else {
      document.documentElement.dataset.theme = theme;
      localStorage.setItem("sluice.theme", theme);
    }
  }, [theme]);
  const dark = theme === "dark" || (theme === "" && matchMedia("(prefers-color-scheme: dark)").matches);
  return (
    <button type="button" className="plain theme" aria-label={dark ? "Use light colours" : "Use dark colours"} onClick={() => setTheme(dark ? "light" : "dark")}>
      {dark ? "☀" : "☾"}
    </button>
  );
}

function SignIn({signIn, tried}: {signIn: (token: string) => void; tried: boolean}) {
  const [given, setGiven] = useState("");
  return (
    <form
      className="sign-in"
      onSubmit={(e) => {
        e.preventDefault();
        signIn(given.trim());
      }}
    >
      <h1>Sign in</h1>
      <p>This gateway asks for a token: the one under gateway.http.token, or one of gateway.http.tokens.</p>
      {tried && (
        <p className="error" role="alert">
          The gateway does not know this token.
        </p>
      )}
      <label>
        Token
        <input type="password" autoComplete="current-password" value={given} onChange={(e) => setGiven(e.target.value)} autoFocus />
      </label>
      <button type="submit" className="primary" disabled={given.trim() === ""}>
        Sign in
      </button>
      <p className="hint">It is kept in this tab only.</p>
    </form>
  );
}

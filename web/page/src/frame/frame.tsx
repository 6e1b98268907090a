/** The frame around every screen: where one is, the theme, and whether the server answers. */
import { Component, type FormEvent, type ReactNode, useState } from "react";
import { keepKey, storedKey, useStanding } from "../server/connection";
import { Empty, Link, Panel } from "./parts";

const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const SIGNS: Record<Theme, string> = { auto: "◐", light: "☀", dark: "☾" };

export function Frame({ here, children }: { here: string; children: ReactNode }) {
  const standing = useStanding();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="masthead">
        <Link to="/" className="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M8 22c4 0 4-12 8-12s4 12 8 12" />
            <circle cx="8" cy="22" r="2.6" />
            <circle cx="24" cy="22" r="2.6" />
          </svg>
          cliptrail
        </Link>
        <nav aria-label="Main">
          <Link to="/" current={here === ""}>
            Ask
          </Link>
          <Link to="/runs" current={here === "runs"}>
            Runs
          </Link>
          <Link to="/library" current={here === "library"}>
            Library
          </Link>
        </nav>
        <ThemeButton />
      </header>
      {standing === "away" && (
        <div className="banner" role="alert">
          The server does not answer. It is asked again every second; nothing of a run is lost.
        </div>
      )}
      <main id="main" tabIndex={-1}>
        <Caught key={here}>{children}</Caught>
      </main>
      {standing === "locked" && <KeyPanel />}
    </>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(() => {
    const kept = document.documentElement.dataset.theme;
    return kept === "light" || kept === "dark" ? kept : "auto";
  });
  const turn = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
    if (next === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    localStorage.setItem("cliptrail.theme", next);
    setTheme(next);
  };
  return (
    <button type="button" className="plain theme" onClick={turn} aria-label={`Theme: ${theme}. Change it`}>
      <span aria-hidden="true">{SIGNS[theme]}</span>
    </button>
  );
}

function KeyPanel() {
  const [key, setKey] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keepKey(key);
  };
  return (
    <Panel title="This server wants a key" close={() => undefined}>
      <form className="fields" onSubmit={submit}>
        <p>{storedKey() ? "The key of this browser was refused." : "Whoever runs it makes one with: cliptrail key new NAME"}</p>
        <label>
          Key
          <input type="password" autoComplete="current-password" value={key} onChange={(event) => setKey(event.target.value)} autoFocus />
        </label>
        <button type="submit" className="primary" disabled={!key.trim()}>
          Go on
        </button>
      </form>
    </Panel>
  );
}

/** A screen that fails says so, and the others stay. */
class Caught extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Empty title="This screen failed">
        <p>{this.state.error.message}</p>
        <button type="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </Empty>
    );
  }
}

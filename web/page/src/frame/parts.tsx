/** What every screen is made of: links, notices, badges, dialogs. */
import { type MouseEvent, type ReactNode, useEffect, useRef } from "react";
import { BASE, go } from "./address";

/** A link to another address of the page. */
export function Link(props: { to: string; children: ReactNode; className?: string; current?: boolean }) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(props.to);
  };
  return (
    <a
      href={`${BASE}${props.to}`}
      onClick={follow}
      className={props.className}
      aria-current={props.current ? "page" : undefined}
    >
      {props.children}
    </a>
  );
}

/** Something that the person should know. */
export function Notice(props: { kind?: "info" | "warning" | "error"; title?: string; children?: ReactNode }) {
  const kind = props.kind ?? "info";
  return (
    <div className={`notice ${kind}`} role={kind === "error" ? "alert" : undefined}>
      {props.title && <strong>{props.title}</strong>}
      {props.children && <div>{props.children}</div>}
    </div>
  );
}

/** Nothing is there yet; says what to do. */
export function Empty(props: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <svg viewBox="0 0 96 40" aria-hidden="true">
        <path d="M6 32c14 0 14-24 28-24s14 24 28 24 14-14 28-14" />
        <circle cx="6" cy="32" r="4" />
        <circle cx="90" cy="18" r="4" />
      </svg>
      <h2>{props.title}</h2>
      {props.children && <div className="muted">{props.children}</div>}
    </div>
  );
}

/** Something is on its way. */
export function Loading(props: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="bar" />
      <span className="bar short" />
      <span className="bar" />
      <span className="unseen">Loading {props.what}</span>
    </div>
  );
}

const MARKS: Record<string, string> = {
  complete: "✓",
  done: "✓",
  partial: "◐",
  failed: "✕",
  skipped: "–",
  running: "●",
  waiting: "○",
  asking: "?",
  stopped: "■",
  gone: "✕",
};

/** How something stands, in a word; never by colour alone. */
export function Badge(props: { status: string; children?: ReactNode }) {
  return (
    <span className={`badge ${props.status}`}>
      <span aria-hidden="true" className="mark">
        {MARKS[props.status] ?? "·"}
      </span>
      {props.children ?? props.status}
    </span>
  );
}

/** A figure with what it is. */
export function Figure(props: { label: string; children: ReactNode; note?: ReactNode }) {
  return (
    <div className="figure">
      <dt>{props.label}</dt>
      <dd>
        {props.children}
        {props.note && <small>{props.note}</small>}
      </dd>
    </div>
  );
}

/** A panel above the page; Escape and a click beside it close it. */
export function Panel(props: { title: string; close: () => void; children: ReactNode; wide?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const beside = (event: MouseEvent) => event.target === dialog.current && props.close();
  return (
    <dialog
      ref={dialog}
      className={props.wide ? "panel wide" : "panel"}
      onClose={props.close}
      onClick={beside}
      aria-labelledby="panel-title"
    >
      <header>
        <h2 id="panel-title">{props.title}</h2>
        <button type="button" className="plain" onClick={props.close} aria-label="Close">
          ✕
        </button>
      </header>
      <div className="content" tabIndex={0}>
        {props.children}
      </div>
    </dialog>
  );
}

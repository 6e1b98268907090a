/** One run: how it stands, and its four sides: plan, run, guide, trail. */
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from "react";
import { go } from "../frame/address";
import { Badge, Empty, Link, Loading, Notice } from "../frame/parts";
import { useStanding, words } from "../server/connection";
import { LiveTab } from "./live";
import { PlanTab } from "./plan";
import { QuestionForm } from "./questions";
import { keyOf, useRun, type Watched } from "./watching";

const GuideTab = lazy(() => import("../guide/guide").then((module) => ({ default: module.GuideTab })));
const ForkPanel = lazy(() => import("./fork").then((module) => ({ default: module.ForkPanel })));
const TrailTab = lazy(() => import("../trail/trail").then((module) => ({ default: module.TrailTab })));

const TABS = ["plan", "run", "guide", "trail"] as const;
type Tab = (typeof TABS)[number];

/** Show a run; from the start again whenever what is shown may be old. */
export function RunScreen({ threadId, tab, forking }: { threadId: string; tab: string | undefined; forking: boolean }) {
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((n) => n + 1), []);
  return <Run key={`${threadId}:${round}`} threadId={threadId} tab={tab} forking={forking} again={again} />;
}

function Run(props: { threadId: string; tab: string | undefined; forking: boolean; again: () => void }) {
  const run = useRun(props.threadId, props.again);
  const chosen = TABS.find((tab) => tab === props.tab) ?? fitting(run);
  const request = run.values.request ?? "";
  const away = useStanding() === "away";
  useEffect(() => {
    document.title = `${request.slice(0, 60) || "Run"} · cliptrail`;
  }, [request]);
  if (run.stands === "loading") return <Loading what="the run" />;
  if (run.stands === "gone" || (run.error && !request)) {
    return (
      <Empty title={run.error ? "The run could not start" : "There is no such run"}>
        <p>{run.error || "It may have been removed, or belong to somebody else."}</p>
        <Link to="/runs">See all runs</Link>
      </Empty>
    );
  }
  const others = run.asking.filter((row) => row.question.action_requests?.[0]?.name !== "run_plan");
  return (
    <article className="run">
      <header className="head">
        <Earlier run={run} />
        <h1>{request}</h1>
        <div className="row">
          <Standing run={run} away={away} />
          <span className="muted">{run.values.pattern}</span>
          <Actions run={run} away={away} fork={() => go(`${addressOf(props.threadId, props.tab)}?fork`, true)} />
        </div>
      </header>
      {run.error && !away && <Notice kind="error">{run.error}</Notice>}
      {others.map((asking) => (
        <QuestionForm key={keyOf(asking)} asking={asking} answer={(value) => run.answer(asking.id, value)} />
      ))}
      <Tabs threadId={props.threadId} chosen={chosen} run={run} />
      <div id="side" role="tabpanel" aria-labelledby={`tab-${chosen}`} tabIndex={-1}>
        <Suspense fallback={<Loading what={`the ${chosen}`} />}>
          <Side tab={chosen} run={run} threadId={props.threadId} />
        </Suspense>
      </div>
      {props.forking && run.stands !== "running" && (
        <Suspense>
          <ForkPanel threadId={props.threadId} values={run.values} close={() => go(addressOf(props.threadId, props.tab), true)} />
        </Suspense>
      )}
    </article>
  );
}

function addressOf(threadId: string, tab: string | undefined): string {
  return tab ? `/runs/${threadId}/${tab}` : `/runs/${threadId}`;
}

/** What the thread's earlier runs were asked: the question below goes on from there. */
function Earlier({ run }: { run: Watched }) {
  const turns = run.values.conversation ?? [];
  const before = run.stands === "ended" ? turns.slice(0, -1) : turns;
  if (!before.length) return null;
  return (
    <ol className="turns bare" aria-label="Earlier in this conversation">
      {before.map((turn, index) => (
        // A conversation only grows, so a place in it stays what it is.
        <li key={index}>
          <span>{turn.request}</span>
          <Badge status={turn.status}>{turn.answer || turn.status}</Badge>
        </li>
      ))}
    </ol>
  );
}

function Side(props: { tab: Tab; run: Watched; threadId: string }): ReactNode {
  switch (props.tab) {
    case "plan":
      return <PlanTab run={props.run} threadId={props.threadId} />;
    case "run":
      return <LiveTab run={props.run} />;
    case "guide":
      return <GuideTab run={props.run} threadId={props.threadId} />;
    case "trail":
      return <TrailTab run={props.run} threadId={props.threadId} />;
  }
}

/** The side that one most likely wants to see. */
function fitting(run: Watched): Tab {
  if (run.stands === "ended") return "guide";
  const plan = run.asking.some((row) => row.question.action_requests?.[0]?.name === "run_plan");
  return plan ? "plan" : "run";
}

/** How the run stands; while the server is away nobody knows. */
function Standing({ run, away }: { run: Watched; away: boolean }) {
  const label = {
    loading: "loading",
    asking: "waits for you",
    running: "running",
    stopped: "stopped",
    ended: run.values.status ?? "ended",
    gone: "gone",
  }[run.stands];
  const status = run.stands === "ended" ? (run.values.status ?? "done") : run.stands;
  return (
    <span role="status">
      <Badge status={away ? "unknown" : status}>{away ? "not known for now" : label}</Badge>
    </span>
  );
}

function Actions({ run, away, fork }: { run: Watched; away: boolean; fork: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const act = (action: () => Promise<void>) => {
    setBusy(true);
    action()
      .catch((problem: unknown) => setError(words(problem)))
      .finally(() => setBusy(false));
  };
  if (away) return null;
  return (
    <div className="actions end">
      {run.stands === "running" && (
        <button type="button" disabled={busy} onClick={() => act(run.cancel)}>
          Stop
        </button>
      )}
      {run.stands === "stopped" && (
        <button type="button" className="primary" disabled={busy} onClick={() => act(run.resume)}>
          Resume
        </button>
      )}
      {run.stands !== "running" && (
        <button type="button" onClick={fork}>
          Fork…
        </button>
      )}
      {error && <Notice kind="error">{error}</Notice>}
    </div>
  );
}

function Tabs(props: { threadId: string; chosen: Tab; run: Watched }) {
  const move = (event: React.KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = TABS[(TABS.indexOf(props.chosen) + step + TABS.length) % TABS.length];
    go(`/runs/${props.threadId}/${next}`, true);
    requestAnimationFrame(() => document.getElementById(`tab-${next}`)?.focus());
  };
  return (
    <div role="tablist" aria-label="Sides of the run" className="tabs" onKeyDown={move}>
      {TABS.map((tab) => (
        <button
          key={tab}
          id={`tab-${tab}`}
          type="button"
          role="tab"
          aria-selected={tab === props.chosen}
          aria-controls="side"
          tabIndex={tab === props.chosen ? 0 : -1}
          onClick={() => go(`/runs/${props.threadId}/${tab}`, true)}
        >
          {tab[0]?.toUpperCase() + tab.slice(1)}
          {tab === "plan" && fitting(props.run) === "plan" && <span className="dot" aria-label="asks you" />}
        </button>
      ))}
    </div>
  );
}

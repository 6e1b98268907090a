/** Every run: find one, open it, go on with it, or begin another from its plan. */
import { useCallback, useEffect, useMemo, useState } from "react";
import type { ThreadStatus } from "@langchain/langgraph-sdk";
import { go } from "../frame/address";
import { Badge, Empty, Link, Loading, Notice, Panel } from "../frame/parts";
import { ago, counted, dollars } from "../format";
import { client, get, SEEN, searchThreads, STREAM, words } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { LocalRun } from "../server/types";

const MOST = 200;
const LOOK_MS = 4_000;
const EXTRACT = {
  request: "values.request",
  pattern: "values.pattern",
  outcome: "values.status",
  usd: "values.usage.usd",
  calls: "values.usage.calls",
  turns: "values.conversation",
};

interface Row {
  id: string;
  request: string;
  pattern: string;
  status: string;
  usd: number | null | undefined;
  calls: number | null | undefined;
  created: string;
  forked: boolean;
  /** How many questions were asked on the thread. */
  turns: number;
  /** Did the command line begin it? Then it can be read here, and gone on with only there. */
  local: boolean;
}

interface Found {
  thread_id: string;
  status: ThreadStatus;
  created_at: string;
  metadata?: Record<string, unknown> | null;
  interrupts?: Record<string, unknown[]> | null;
  extracted?: Record<string, unknown>;
}

async function allRuns(): Promise<Row[]> {
  const order = { sort_by: "created_at", sort_order: "desc", limit: MOST };
  const select = ["thread_id", "status", "created_at", "metadata", "interrupts"];
  return (await searchThreads<Found>({ ...order, select, extract: EXTRACT })).map(row);
}

/** Give all runs, the newest first; those of the command line may be told a moment later. */
function useRuns() {
  const served = useLoaded("runs", allRuns);
  const local = useLoaded("command-line", (signal) => get<LocalRun[]>("command-line", signal));
  const data = useMemo(() => {
    const rows = [...(served.data ?? []), ...(local.data ?? []).map(localRow)];
    return served.data && rows.sort((a, b) => Date.parse(b.created) - Date.parse(a.created));
  }, [served.data, local.data]);
  const again = useCallback(() => {
    served.again();
    local.again();
  }, [served.again, local.again]);
  return { data, error: served.error || local.error, most: served.data?.length === MOST, again };
}

function localRow(run: LocalRun): Row {
  return {
    id: run.thread_id,
    request: run.request || "(nothing asked yet)",
    pattern: run.pattern,
    status: run.status === "waiting" ? "asking" : run.status,
    usd: undefined,
    calls: undefined,
    created: new Date(run.updated * 1000).toISOString(),
    forked: false,
    turns: 0,
    local: true,
  };
}

function row(found: Found): Row {
  const { extracted = {}, metadata } = found;
  const text = (value: unknown, otherwise: unknown) => String(value ?? otherwise ?? "");
  return {
    id: found.thread_id,
    request: text(extracted.request, metadata?.request) || "(nothing asked yet)",
    pattern: text(extracted.pattern, metadata?.graph_id),
    status: stands(found, extracted.outcome),
    usd: extracted.usd as number | null | undefined,
    calls: extracted.calls as number | null | undefined,
    created: found.created_at,
    turns: Array.isArray(extracted.turns) ? extracted.turns.length : 0,
    forked: Boolean(metadata?.forked_from),
    local: false,
  };
}

function stands({ status, interrupts }: Found, outcome: unknown): string {
  if (status === "busy") return "running";
  // The server calls a run interrupted that asks, and one that was stopped.
  if (Object.values(interrupts ?? {}).some((rows) => rows.length > 0)) return "asking";
  if (status === "error") return "failed";
  // Before the values: an earlier run of the thread may have left its outcome there.
  if (status === "interrupted") return "stopped";
  return outcome ? String(outcome) : "stopped";
}

export function RunsScreen() {
  const runs = useRuns();
  const [text, setText] = useState("");
  const [status, setStatus] = useState("");
  const [pattern, setPattern] = useState("");
  useEffect(() => {
    document.title = "Runs · cliptrail";
    const timer = setInterval(() => document.hidden || runs.again(), LOOK_MS);
    return () => clearInterval(timer);
  }, [runs.again]);
  const words_ = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = (runs.data ?? []).filter(
    (run) =>
      words_.every((word) => run.request.toLowerCase().includes(word)) &&
      (!status || run.status === status) &&
      (!pattern || run.pattern === pattern),
  );
  return (
    <>
      <header className="head">
        <h1>Runs</h1>
      </header>
      <div className="filters row" role="search">
        <label className="grow">
          <span className="unseen">Search the requests</span>
          <input type="search" placeholder="Search the requests" value={text} onChange={(event) => setText(event.target.value)} />
        </label>
        <Choice label="Any status" value={status} set={setStatus} among={unique(runs.data, "status")} />
        <Choice label="Any pattern" value={pattern} set={setPattern} among={unique(runs.data, "pattern")} />
      </div>
      {runs.error && <Notice kind="error">{runs.error}</Notice>}
      {!runs.data && !runs.error && <Loading what="the runs" />}
      {runs.data?.length === 0 && (
        <Empty title="Nothing was asked yet">
          <Link to="/">Ask something</Link>
        </Empty>
      )}
      {runs.data && runs.data.length > 0 && rows.length === 0 && <Empty title="No run fits">Search for less.</Empty>}
      {rows.length > 0 && (
        <ul className="runs bare">
          {rows.map((run) => (
            <li key={run.id} className="card">
              <RunHead run={run} />
              {run.local ? <LocalFoot run={run} /> : <RunFoot run={run} again={runs.again} />}
            </li>
          ))}
        </ul>
      )}
      {runs.most && <p className="muted">The last {MOST} runs of this server are shown.</p>}
    </>
  );
}

function unique(rows: Row[] | undefined, field: "status" | "pattern"): string[] {
  return [...new Set(rows?.map((row) => row[field]))].filter(Boolean).sort();
}

function Choice(props: { label: string; value: string; set: (value: string) => void; among: string[] }) {
  return (
    <label>
      <span className="unseen">{props.label}</span>
      <select value={props.value} onChange={(event) => props.set(event.target.value)}>
        <option value="">{props.label}</option>
        {props.among.map((one) => (
          <option key={one} value={one}>
            {one === "asking" ? "waits for you" : one}
          </option>
        ))}
      </select>
    </label>
  );
}

const OVER = new Set(["complete", "partial", "failed"]);

function RunHead({ run }: { run: Row }) {
  return (
    <>
      <div className="row">
        <Badge status={run.status}>{run.status === "asking" ? "waits for you" : run.status}</Badge>
        <span className="muted">{run.pattern}</span>
        {run.local && <span className="tag">command line</span>}
        {run.turns > 1 && <span className="tag">{counted(run.turns, "question")}</span>}
        {run.forked && <span className="tag">forked</span>}
        {typeof run.calls === "number" && <span className="muted">{dollars(run.usd)}</span>}
        <time className="muted end" dateTime={run.created}>
          {ago(run.created)}
        </time>
      </div>
      <h2>
        {run.local && !OVER.has(run.status) ? (
          run.request
        ) : (
          <Link to={`/${run.local ? "command-line" : "runs"}/${run.id}`}>{run.request}</Link>
        )}
      </h2>
    </>
  );
}

function LocalFoot({ run }: { run: Row }) {
  if (OVER.has(run.status) || run.status === "running") return null;
  return (
    <p className="muted small-text">
      Go on with it in a terminal: <code>cliptrail resume {run.id}</code>
    </p>
  );
}

function RunFoot({ run, again }: { run: Row; again: () => void }) {
  const [removing, setRemoving] = useState(false);
  const [error, setError] = useState("");
  const act = (action: Promise<unknown>, then: () => void) =>
    void action.then(then, (problem: unknown) => setError(words(problem)));
  const remove = () => {
    sessionStorage.removeItem(SEEN + run.id);
    act(client.threads.delete(run.id), again);
  };
  const resume = () =>
    act(client.runs.create(run.id, run.pattern, { ...STREAM, input: null }), () => go(`/runs/${run.id}`));
  return (
    <>
      <div className="actions quiet">
        {run.status === "stopped" && (
          <button type="button" className="small" onClick={resume}>
            Resume
          </button>
        )}
        {run.status !== "running" && (
          <button type="button" className="small" onClick={() => go(`/runs/${run.id}?fork`)}>
            Fork…
          </button>
        )}
        <button type="button" className="small" onClick={() => go(`/?like=${run.id}`)}>
          Ask anew
        </button>
        <button type="button" className="small" onClick={() => setRemoving(true)}>
          Remove
        </button>
      </div>
      {error && <Notice kind="error">{error}</Notice>}
      {removing && (
        <Panel title="Remove this run?" close={() => setRemoving(false)}>
          <p>{run.request}</p>
          <p className="muted">Its checkpoints are removed for good. Guide and trail stay in the output folder.</p>
          <div className="actions">
            <button type="button" className="danger" onClick={remove}>
              Remove
            </button>
            <button type="button" onClick={() => setRemoving(false)}>
              Keep
            </button>
          </div>
        </Panel>
      )}
    </>
  );
}

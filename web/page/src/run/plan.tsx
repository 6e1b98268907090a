/** The plan: read it as a graph, edit it in place, approve or reject it. */
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Badge, Empty, Figure, Loading, Notice } from "../frame/parts";
import { counted, dollars, duration, number, shown } from "../format";
import { get, post, words } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { Agent, Change, Checked, Estimate, Fault, Plan, Revision } from "../server/types";
import { stepOf } from "../server/types";
import { added, without } from "./draft";
import { StepEditor } from "./step";
import { type Asking, keyOf, type Watched } from "./watching";

const PlanGraph = lazy(() => import("./graph").then((module) => ({ default: module.PlanGraph })));
const TYPING_MS = 250;

/** Show the plan of a run: to decide on while it asks, else as it was carried out. */
export function PlanTab({ run, threadId }: { run: Watched; threadId: string }) {
  const asked = run.asking.find((row) => row.question.action_requests?.[0]?.name === "run_plan");
  if (asked) return <Decide key={keyOf(asked)} asked={asked} run={run} threadId={threadId} />;
  if (!run.values.plan?.steps?.length) {
    return run.stands === "running" ? (
      <Loading what="the plan" />
    ) : (
      <Empty title="There is no plan">{run.values.message ?? "The run ended before one was made."}</Empty>
    );
  }
  return <ReadPlan run={run} />;
}

/** Who makes a plan at once; whoever else adds to it, decision by decision. */
const WHOLE = new Set(["planner", "person", "file"]);

function ReadPlan({ run }: { run: Watched }) {
  const [selected, setSelected] = useState("");
  const plan = run.values.plan ?? {};
  const checked = usePlan(plan, plan, run.values.options ?? {}, []);
  const agents = useLoaded("agents", (signal) => get<Agent[]>("agents", signal));
  const revisions = run.values.revisions ?? [];
  const grown = revisions.some((row) => !WHOLE.has(row.by));
  const estimate = grown ? checked.data?.estimate : (revisions.at(-1)?.estimate ?? checked.data?.estimate);
  if (!checked.data) return checked.error ? <Notice kind="error">{checked.error}</Notice> : <Loading what="the plan" />;
  return (
    <>
      {grown && <p className="muted">Nobody made this plan beforehand: each decision added its steps.</p>}
      <Summary estimate={estimate ?? null} steps={checked.data.instances.length} />
      <Suspense fallback={<Loading what="the graph" />}>
        <PlanGraph
          instances={checked.data.instances}
          costs={estimate?.steps ?? {}}
          critical={estimate?.critical_path ?? []}
          steps={{}}
          alive={false}
          selected={selected}
          select={setSelected}
        />
      </Suspense>
      {selected && (
        <StepEditor
          plan={plan}
          id={stepOf(selected)}
          agents={agents.data ?? []}
          faults={[]}
          close={() => setSelected("")}
        />
      )}
      <Revisions revisions={revisions} />
    </>
  );
}

/** Check a plan a moment after the last key was pressed. */
function usePlan(plan: Plan, before: Plan, options: object, finished: string[]) {
  const written = JSON.stringify(plan);
  const [settled, setSettled] = useState(written);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(written), TYPING_MS);
    return () => clearTimeout(timer);
  }, [written]);
  const body = { plan: JSON.parse(settled) as Plan, before, options, finished };
  const found = useLoaded(settled, (signal) => post<Checked>("plans/check", body, signal));
  const [last, setLast] = useState<Checked>();
  useEffect(() => {
    if (found.data) setLast(found.data);
  }, [found.data]);
  return { ...found, data: found.data ?? last, settled: settled === written && Boolean(found.data) };
}

/** A draft that outlives a reload of the page. */
function useDraft(key: string, given: Plan): [Plan, (plan: Plan) => void] {
  const [draft, setDraft] = useState<Plan>(() => {
    const kept = sessionStorage.getItem(key);
    return kept ? (JSON.parse(kept) as Plan) : given;
  });
  const keep = (plan: Plan) => {
    setDraft(plan);
    if (plan === given) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(plan));
  };
  return [draft, keep];
}

/** Everything that a person does to a plan before deciding on it. */
function useEditor(asked: Asking, run: Watched, threadId: string) {
  const args = asked.question.action_requests?.[0]?.args ?? {};
  const given = useMemo(() => args.plan as Plan, [asked.id]);
  const finished = (args.finished as string[] | undefined) ?? [];
  const [draft, change] = useDraft(`cliptrail.draft.${threadId}.${asked.id}`, given);
  const [selected, select] = useState("");
  const checked = usePlan(draft, given, run.values.options ?? {}, finished);
  const faults = checked.data?.faults ?? [];
  const [sound, setSound] = useState<Checked>();
  useEffect(() => {
    if (checked.data?.instances.length) setSound(checked.data);
  }, [checked.data]);
  return {
    args,
    finished,
    draft,
    selected,
    checked,
    faults,
    change,
    select,
    /** What is drawn: while there are faults, the plan as it was without any. */
    drawn: faults.length ? sound : checked.data,
    edited: JSON.stringify(draft) !== JSON.stringify(given),
    discard: () => change(given),
    drop: () => {
      change(without(draft, selected));
      select("");
    },
    add: (agent: Agent) => {
      const [plan, id] = added(draft, agent);
      change(plan);
      select(id);
    },
  };
}

type Editor = ReturnType<typeof useEditor>;

function Decide({ asked, run, threadId }: { asked: Asking; run: Watched; threadId: string }) {
  const editor = useEditor(asked, run, threadId);
  const agents = useLoaded("agents", (signal) => get<Agent[]>("agents", signal));
  const { checked, draft, faults, selected, select } = editor;
  if (!checked.data) return checked.error ? <Notice kind="error">{checked.error}</Notice> : <Loading what="the plan" />;
  return (
    <>
      <Why args={editor.args} description={asked.question.action_requests?.[0]?.description ?? ""} />
      {faults.length > 0 ? (
        <Faults faults={faults} select={select} />
      ) : (
        <Summary estimate={checked.data.estimate} steps={checked.data.instances.length} />
      )}
      <DraftGraph editor={editor} />
      <Steps plan={draft} faults={faults} selected={selected} select={select} />
      <AddStep agents={agents.data ?? []} add={editor.add} />
      {selected && (
        <StepEditor
          plan={draft}
          id={selected}
          agents={agents.data ?? []}
          faults={faults}
          close={() => select("")}
          change={editor.change}
          drop={editor.drop}
        />
      )}
      {editor.edited && <Changes changes={checked.data.changes} title="Your edits" />}
      <Verdict run={run} asked={asked} editor={editor} />
    </>
  );
}

function DraftGraph({ editor }: { editor: Editor }) {
  const { drawn, faults, finished, selected } = editor;
  if (!drawn) return null;
  return (
    <Suspense fallback={<Loading what="the graph" />}>
      <PlanGraph
        instances={drawn.instances}
        costs={drawn.estimate?.steps ?? {}}
        critical={drawn.estimate?.critical_path ?? []}
        steps={Object.fromEntries(finished.map((id) => [id, { phase: "done", agent: "", since: 0 }]))}
        alive={false}
        faulty={new Set(faults.map((fault) => fault.step))}
        selected={drawn.instances.find((row) => stepOf(row.id) === selected)?.id ?? ""}
        select={(id) => editor.select(stepOf(id))}
      />
    </Suspense>
  );
}

function Why({ args, description }: { args: Record<string, unknown>; description: string }) {
  const reason = typeof args.reason === "string" ? args.reason : "";
  const complaint = /^The (answer|edited plan)/.test(description) ? description.split("\n\n")[0] : "";
  const changes = (args.changes as Change[] | undefined) ?? [];
  return (
    <>
      {complaint && (
        <Notice kind="error">
          <p className="preline">{complaint}</p>
        </Notice>
      )}
      {reason && <Notice kind="warning" title="Why there is another plan">{reason}</Notice>}
      {changes.length > 0 && <Changes changes={changes} title="What changed since the last plan" />}
    </>
  );
}

/** What a plan would cost. */
export function Summary({ estimate, steps }: { estimate: Estimate | null; steps: number }) {
  if (!estimate) return null;
  const { total } = estimate;
  return (
    <dl className="figures">
      <Figure label="Steps">{number(steps)}</Figure>
      <Figure label="Model calls">{number(total.calls)}</Figure>
      <Figure label="Tokens">{number(total.input_tokens + total.output_tokens)}</Figure>
      <Figure label="Cost">{dollars(total.usd)}</Figure>
      <Figure label="Time" note={`${counted(estimate.critical_path.length, "step")} on the critical path`}>
        {duration(estimate.seconds)}
      </Figure>
    </dl>
  );
}

function Faults({ faults, select }: { faults: Fault[]; select: (id: string) => void }) {
  return (
    <div className="notice error" role="status">
      <strong>{counted(faults.length, "fault")} to mend before this plan can run</strong>
      <ul>
        {faults.map((fault) => (
          <li key={fault.step + fault.field + fault.message}>
            {fault.step ? (
              <button type="button" className="link" onClick={() => select(fault.step)}>
                {fault.step}
                {fault.field && `.${fault.field}`}
              </button>
            ) : (
              fault.field
            )}
            : {fault.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What changed from one plan to another. */
export function Changes({ changes, title }: { changes: Change[]; title: string }) {
  return (
    <section className={changes.every((row) => row.kind !== "changed") ? "changes short" : "changes"} aria-live="polite">
      {title && <h2 className="part-title">{title}</h2>}
      {changes.length === 0 && <p className="muted">Nothing differs.</p>}
      <ul className="bare">
        {changes.map((change) => (
          <li key={change.step + change.field + change.kind}>
            {change.kind === "changed" ? (
              <>
                <code>{[change.step, change.field].filter(Boolean).join(".")}</code>
                <del>{shown(change.before)}</del>
                <span aria-hidden="true">→</span>
                <ins>{shown(change.after)}</ins>
              </>
            ) : change.kind === "added" ? (
              <ins>+ step {change.step}</ins>
            ) : (
              <del>− step {change.step}</del>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Steps(props: { plan: Plan; faults: Fault[]; selected: string; select: (id: string) => void }) {
  return (
    <details className="steps">
      <summary>All {counted(props.plan.steps?.length ?? 0, "step")} as a list</summary>
      <ol className="bare">
        {props.plan.steps?.map((step) => (
          <li key={step.id}>
            <button
              type="button"
              className="step-row"
              aria-pressed={props.selected === step.id}
              onClick={() => props.select(step.id)}
            >
              <strong>{step.id}</strong>
              <span className="muted">{step.brief || step.agent}</span>
              {step.for_each && <span className="tag">for each</span>}
              {props.faults.some((fault) => fault.step === step.id) && <Badge status="failed">fault</Badge>}
            </button>
          </li>
        ))}
      </ol>
    </details>
  );
}

function AddStep({ agents, add }: { agents: Agent[]; add: (agent: Agent) => void }) {
  const [name, setName] = useState("");
  const agent = agents.find((row) => row.name === name);
  return (
    <div className="row add-step">
      <label>
        <span className="unseen">Agent of a new step</span>
        <select value={name} onChange={(event) => setName(event.target.value)}>
          <option value="">Add a step…</option>
          {agents.map((row) => (
            <option key={row.name} value={row.name}>
              {row.name}
            </option>
          ))}
        </select>
      </label>
      {agent && (
        <>
          <span className="muted grow">{agent.about}</span>
          <button
            type="button"
            onClick={() => {
              add(agent);
              setName("");
            }}
          >
            Add {agent.name}
          </button>
        </>
      )}
    </div>
  );
}

function Verdict({ run, asked, editor }: { run: Watched; asked: Asking; editor: Editor }) {
  const [rejecting, setRejecting] = useState(false);
  const [sent, setSent] = useState(false);
  const [error, setError] = useState("");
  const { args, draft, edited } = editor;
  const send = (decision: Record<string, unknown>) => {
    setSent(true);
    run.answer(asked.id, { decisions: [decision] }).catch((problem: unknown) => {
      setSent(false);
      setError(words(problem));
    });
  };
  const edit = { type: "edit", edited_action: { name: "run_plan", args: { ...args, plan: draft } } };
  const blocked = edited && (editor.faults.length > 0 || !editor.checked.settled);
  return (
    <fieldset disabled={sent} className="verdict">
      <legend className="unseen">Your decision</legend>
      {error && <Notice kind="error">{error}</Notice>}
      {rejecting ? (
        <Rejection send={send} back={() => setRejecting(false)} />
      ) : (
        <div className="actions">
          <button type="button" className="primary" disabled={blocked} onClick={() => send(edited ? edit : { type: "approve" })}>
            {edited ? "Run the edited plan" : "Approve and run"}
          </button>
          {edited && (
            <button type="button" onClick={editor.discard}>
              Discard edits
            </button>
          )}
          <button type="button" onClick={() => setRejecting(true)}>
            Reject…
          </button>
          <span className="muted hint">
            {editor.faults.length ? `Mend ${counted(editor.faults.length, "fault")} first.` : "Nothing runs before you say so."}
          </span>
        </div>
      )}
    </fieldset>
  );
}

function Rejection(props: { send: (decision: Record<string, unknown>) => void; back: () => void }) {
  const [text, setText] = useState("");
  const message = text.trim();
  return (
    <>
      <label>
        What should be different? The planner tries again; without a word the run ends.
        <textarea rows={2} value={text} autoFocus onChange={(event) => setText(event.target.value)} />
      </label>
      <div className="actions">
        <button type="button" className="danger" onClick={() => props.send({ type: "reject", message })}>
          {message ? "Send back to the planner" : "Reject and end"}
        </button>
        <button type="button" onClick={props.back}>
          Not yet
        </button>
      </div>
    </>
  );
}

/** Every plan that there was, and what each changed. */
export function Revisions({ revisions }: { revisions: Revision[] }) {
  if (revisions.length < 2) return null;
  return (
    <section>
      <h2 className="part-title">How the plan came to be</h2>
      <ol className="revisions bare">
        {revisions.map((row) => (
          <li key={row.number}>
            <p>
              <strong>Plan {row.number}</strong> {row.by === "earlier" ? "from before" : `by the ${row.by}`}
              {row.reason && <span className="muted"> · {row.reason}</span>}
            </p>
            {row.changes.length > 0 && <Changes changes={row.changes} title="" />}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The run as it goes on: the graph alive, the path as it grows, what it costs, what happens. */
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Badge, Empty, Figure, Loading, Notice } from "../frame/parts";
import { counted, dollars, duration, number } from "../format";
import { post } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { Checked, Instance, Options } from "../server/types";
import { Moves } from "./moves";
import { gave, type Going, type Progress, reason, spent, withAsking } from "./progress";
import { StepCard } from "./step";
import type { Watched } from "./watching";

const PlanGraph = lazy(() => import("./graph").then((module) => ({ default: module.PlanGraph })));

export function LiveTab({ run }: { run: Watched }) {
  const [selected, setSelected] = useState("");
  const { revision } = run.progress;
  const plan = revision?.plan ?? run.values.plan;
  const key = plan?.steps?.length ? JSON.stringify(plan) : "";
  const checked = useLoaded(key && `live${key}`, (signal) =>
    post<Checked>("plans/check", { plan, options: run.values.options ?? {} }, signal),
  );
  const instances = checked.data?.instances ?? [];
  const asking = run.asking.flatMap(({ question }) => String(question.action_requests?.[0]?.args.step ?? ""));
  const steps = useMemo(() => withAsking(run.progress.steps, asking.filter(Boolean)), [run.progress.steps, asking.join()]);
  const alive = run.stands !== "asking" || asking.some(Boolean);
  return (
    <>
      <Meters run={run} />
      {key && !checked.data && !checked.error && <Loading what="the graph" />}
      {instances.length > 0 && (
        <Suspense fallback={<Loading what="the graph" />}>
          <PlanGraph
            instances={instances}
            costs={revision?.estimate.steps ?? {}}
            critical={revision?.estimate.critical_path ?? []}
            steps={steps}
            alive={alive}
            selected={selected}
            select={setSelected}
          />
        </Suspense>
      )}
      {selected && <StepNews id={selected} going={steps[selected]} close={() => setSelected("")} />}
      {run.progress.path.length > 0 && <Moves path={run.progress.path} over={run.stands === "ended"} />}
      {instances.length > 0 && <StepList instances={instances} steps={steps} alive={alive} />}
      <Feed progress={run.progress} over={run.stands === "ended"} />
      {!key && run.stands === "running" && <Loading what="the first news" />}
      {!key && run.stands === "ended" && <Empty title="No step was run">{run.values.message}</Empty>}
    </>
  );
}

function Meters({ run }: { run: Watched }) {
  const calls = useMemo(() => Object.values(run.progress.calls), [run.progress.calls]);
  const used = spent(calls);
  const options: Options = run.values.options ?? {};
  const steps = Object.values(run.progress.steps).filter((step) => !step.earlier);
  const over = steps.filter((step) => ["done", "failed", "skipped"].includes(step.phase)).length;
  return (
    <dl className="figures">
      <Figure label="Steps ended" note={run.progress.claims > 0 && `${counted(run.progress.claims, "claim")} found`}>
        {number(over)}
      </Figure>
      <Figure label="Model calls">
        <Meter value={used.calls} most={options.max_calls} shown={number(used.calls)} unit="calls" />
      </Figure>
      <Figure label="Tokens">
        <Meter value={used.tokens} most={options.max_tokens} shown={number(used.tokens)} unit="tokens" />
      </Figure>
      <Figure label="Cost">
        <Meter value={used.usd ?? 0} most={options.budget_usd} shown={dollars(used.usd)} unit="dollars" />
      </Figure>
      <Figure label="Time">
        <Elapsed run={run} />
      </Figure>
    </dl>
  );
}

function Meter(props: { value: number; most: number | null | undefined; shown: string; unit: string }) {
  if (props.most === null || props.most === undefined) return <>{props.shown}</>;
  const part = props.most ? Math.min(1, props.value / props.most) : 1;
  return (
    <>
      {props.shown} <small className="beside">of {props.unit === "dollars" ? dollars(props.most) : number(props.most)}</small>
      <meter
        value={part}
        high={0.8}
        aria-label={`${props.shown} of ${props.most} ${props.unit}`}
        className={part > 0.8 ? "nearly" : ""}
      />
    </>
  );
}

function Elapsed({ run }: { run: Watched }) {
  const now = useNow(run.stands === "running");
  const started = run.values.started;
  if (!started) return <>–</>;
  if (run.stands === "running") return <>{duration(Math.max(0, now / 1000 - started))}</>;
  const ends = Object.values(run.values.results ?? {}).map((row) => row.started + row.seconds);
  const last = Math.max(started, ...ends, ...(run.values.ledger ?? []).map((row) => row.started + row.seconds));
  return <>{duration(last - started)}</>;
}

function useNow(ticks: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticks) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [ticks]);
  return now;
}

function StepNews(props: { id: string; going: Going | undefined; close: () => void }) {
  const { going } = props;
  const result = going?.result;
  return (
    <StepCard id={props.id} about={<Badge status={going?.phase ?? "waiting"} />} close={props.close}>
      {result && <p>{reason(result) || `It gave${gave(result) || " what was asked."}`}</p>}
      {result && result.seconds > 0 && <p className="muted">It worked for {duration(result.seconds)}.</p>}
      {!result && <p className="muted">{going?.phase === "asking" ? "It waits for your answer." : going?.phase === "running" ? `It works${going.part ? `: ${going.part}` : ""}.` : "It waits for its inputs."}</p>}
    </StepCard>
  );
}

function StepList(props: { instances: Instance[]; steps: Record<string, Going>; alive: boolean }) {
  const now = useNow(Object.values(props.steps).some((step) => step.phase === "running"));
  return (
    <details className="steps">
      <summary>All {counted(props.instances.length, "step")} as a list</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label="Steps">
        <table>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Stands</th>
              <th scope="col" className="number">
                Time
              </th>
              <th scope="col">What came of it</th>
            </tr>
          </thead>
          <tbody>
            {props.instances.map((row) => {
              const going = props.steps[row.id];
              const phase = going?.phase ?? (props.alive ? "waiting" : "planned");
              return (
                <tr key={row.id}>
                  <th scope="row">{row.id}</th>
                  <td>
                    <Badge status={phase}>{going?.earlier ? "known before" : phase}</Badge>
                  </td>
                  <td className="number">{timeOf(going, now)}</td>
                  <td>{going?.result ? reason(going.result) || gave(going.result).slice(2) : going?.part}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function timeOf(going: Going | undefined, now: number): string {
  if (going?.result?.seconds) return duration(going.result.seconds);
  return going?.phase === "running" && going.since ? duration((now - going.since) / 1000) : "";
}

function Feed({ progress, over }: { progress: Progress; over: boolean }) {
  const lines = progress.lines.slice(-40).reverse();
  return (
    <>
      {progress.notices.length > 0 && (
        <Notice kind="warning" title={`${counted(progress.notices.length, "thing")} dealt with on the way`}>
          <ul>
            {progress.notices.map((row) => (
              <li key={row.where + row.what}>
                {row.where}: {row.what}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {lines.length > 0 && (
        <section>
          <h2 className="part-title">{over ? "What happened" : "What happens"}</h2>
          <ol className="feed bare">
            {lines.map((line) => (
              <li key={line.key} className={line.kind}>
                {line.text}
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

/** Forking a run: which decision to go back to, and what shall be otherwise; the run itself stays. */
import { useState } from "react";
import { Approval, type Bounds, boundsOf, limited, Limits } from "../ask/options";
import { go } from "../frame/address";
import { Empty, Link, Loading, Notice, Panel } from "../frame/parts";
import { clockTime } from "../format";
import { client, get, STREAM, words } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { Choices, Options, Point, Values } from "../server/types";
import { MoveLine } from "./moves";

interface Props {
  threadId: string;
  values: Values;
  close: () => void;
}

/** Ask from where, and with which options. */
export function ForkPanel({ threadId, values, close }: Props) {
  const points = useLoaded(threadId, (signal) => get<Point[]>(`runs/${threadId}/points`, signal));
  const choices = useLoaded("choices", (signal) => get<Choices>("choices", signal));
  const plans = choices.data?.patterns.find((row) => row.name === values.pattern)?.plans ?? false;
  return (
    <Panel title="Go on from an earlier point" close={close}>
      <p className="muted">
        A new run begins there with all that was found by then. This one stays as it is, with its files.
      </p>
      {plans && values.plan?.steps?.length ? (
        <p>
          Or <Link to={`/?from=${threadId}`}>run its last plan again from the start</Link>, without a planning call.
        </p>
      ) : null}
      {points.error && <Notice kind="error">{points.error}</Notice>}
      {!points.data && !points.error && <Loading what="the points" />}
      {points.data?.length === 0 && <Empty title="Nothing was decided yet">There is no point to go back to.</Empty>}
      {points.data && points.data.length > 0 && (
        <Choosing points={points.data} plans={plans} threadId={threadId} values={values} />
      )}
    </Panel>
  );
}

function Choosing({ points, plans, threadId, values }: { points: Point[]; plans: boolean; threadId: string; values: Values }) {
  const [chosen, choose] = useState("");
  const fork = useFork(threadId, values);
  const asked = [...new Set(points.map((point) => point.request))];
  return (
    <fieldset className="bare fork" disabled={fork.sent}>
      <legend className="unseen">The point to go on from</legend>
      {asked.map((request) => (
        <div key={request}>
          {asked.length > 1 && <h3>{request}</h3>}
          {points
            .filter((point) => point.request === request)
            .map((point) => (
              <PointChoice key={point.checkpoint_id} point={point} chosen={chosen} choose={choose} />
            ))}
        </div>
      ))}
      <div className="verdict">
        <Changed bounds={fork.bounds} set={fork.set} plans={plans} />
        {fork.error && <Notice kind="error">{fork.error}</Notice>}
        <div className="actions">
          <button type="button" className="primary" disabled={!chosen || fork.sent} onClick={() => fork.begin(chosen)}>
            {fork.sent ? "Starting…" : "Go on from here"}
          </button>
        </div>
      </div>
    </fieldset>
  );
}

/** The options of a fork, and how it begins. */
function useFork(threadId: string, values: Values) {
  const [bounds, setBounds] = useState((): Bounds => ({ ...boundsOf(values.options ?? {}), approval: "ask" }));
  const [sent, setSent] = useState(false);
  const [error, setError] = useState("");
  const begin = (checkpointId: string) => {
    setSent(true);
    forked(threadId, values, checkpointId, limited(bounds)).then(
      (thread) => go(`/runs/${thread}`),
      (problem: unknown) => {
        setError(words(problem));
        setSent(false);
      },
    );
  };
  const set = (fields: Partial<Bounds>) => setBounds((now) => ({ ...now, ...fields }));
  return { bounds, set, sent, error, begin };
}

/** What shall be otherwise than in the run that the fork comes from. */
function Changed(props: { bounds: Bounds; set: (fields: Partial<Bounds>) => void; plans: boolean }) {
  return (
    <details>
      <summary>{props.plans ? "Approval and limits" : "Limits"}</summary>
      <div className="options one">
        {props.plans && <Approval value={props.bounds.approval} set={(approval) => props.set({ approval })} />}
        <Limits bounds={props.bounds} set={props.set}>
          <p className="muted small-text">What was used up before this point counts.</p>
        </Limits>
      </div>
    </details>
  );
}

function PointChoice(props: { point: Point; chosen: string; choose: (id: string) => void }) {
  const { checkpoint_id } = props.point;
  return (
    <label className="radio point">
      <input type="radio" name="point" checked={props.chosen === checkpoint_id} onChange={() => props.choose(checkpoint_id)} />
      <PointWords point={props.point} />
    </label>
  );
}

function PointWords({ point }: { point: Point }) {
  return (
    <span>
      <strong>{titleOf(point)}</strong> <time className="muted small-text">{clockTime(point.created)}</time>
      {point.moves.map((move, index) => (
        // What was decided there does not change any more.
        <small key={index}>
          <MoveLine move={move} />
          {(move.reason || move.intent) && <span className="muted">{move.reason || move.intent}</span>}
        </small>
      ))}
    </span>
  );
}

/** Name a point by what was about to happen. */
function titleOf(point: Point): string {
  if (point.kind === "approval") return `Before plan ${point.number} was decided on`;
  if (point.by === "planner") return point.number === 1 ? "Before the plan was made" : `Before plan ${point.number} was made`;
  return `Before decision ${point.number}`;
}

/** Copy a thread, and run the copy from one of its checkpoints. */
async function forked(threadId: string, values: Values, checkpointId: string, options: Options): Promise<string> {
  const { thread_id } = await client.threads.copy(threadId);
  const pattern = values.pattern ?? "planner";
  try {
    const context = { ...options, overwrite: false };
    const request = (values.request ?? "").slice(0, 500);
    await client.threads.update(thread_id, { metadata: { request, pattern, forked_from: threadId, options: context } });
    await client.runs.create(thread_id, pattern, { ...STREAM, input: null, checkpointId, context });
  } catch (error) {
    // A copy that nobody goes on with would stand in the list beside the run that it is of.
    await client.threads.delete(thread_id);
    throw error;
  }
  return thread_id;
}

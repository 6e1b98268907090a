/** The trail: what was planned and what happened, what it cost, when, and on what evidence. */
import { Badge, Empty, Figure, Loading, Notice } from "../frame/parts";
import { clock, counted, dollars, duration, number, shown } from "../format";
import { get } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { ModelCall, Share, StepAudit, Trail } from "../server/types";
import { Moves } from "../run/moves";
import { listed } from "../run/progress";
import { Revisions } from "../run/plan";
import type { Watched } from "../run/watching";
import { Timeline } from "./timeline";

export function TrailTab({ run, threadId }: { run: Watched; threadId: string }) {
  const ended = run.stands === "ended";
  const trail = useLoaded(ended ? threadId : "", (signal) => get<Trail>(`runs/${threadId}/trail`, signal));
  if (!ended) return <Empty title="There is no trail yet">It is written when the run ends, however it ends.</Empty>;
  if (trail.error) return <Notice kind="error">{trail.error}</Notice>;
  if (!trail.data) return <Loading what="the trail" />;
  return <TrailSides trail={trail.data} />;
}

/** Show all sides of a trail. */
export function TrailSides({ trail }: { trail: Trail }) {
  return (
    <div className="trail">
      <Totals trail={trail} />
      {trail.path && trail.path.length > 0 && <Moves path={trail.path} over />}
      <Timeline trail={trail} />
      <PlanAndActual audit={trail.audit} />
      <Ledger trail={trail} />
      <Evidence trail={trail} />
      <Incidents trail={trail} />
      <Revisions revisions={trail.revisions} />
      <Options trail={trail} />
    </div>
  );
}

function Totals({ trail }: { trail: Trail }) {
  const planned = trail.estimate?.total;
  return (
    <dl className="figures">
      <Figure label="Time" note={`planned ${duration(trail.timing.planned_seconds)}`}>
        {duration(trail.timing.seconds)}
      </Figure>
      <Figure label="Model calls" note={planned && `planned ${number(planned.calls)} by steps`}>
        {number(trail.usage.calls)}
      </Figure>
      <Figure label="Tokens" note={planned && `planned ${number(planned.input_tokens + planned.output_tokens)}`}>
        {number(trail.usage.input_tokens + trail.usage.output_tokens)}
      </Figure>
      <Figure label="Cost" note={trail.engine}>
        {dollars(trail.usage.usd)}
      </Figure>
    </dl>
  );
}

function Scrolled({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section>
      <h2 className="part-title">{title}</h2>
      <div className="scroll" tabIndex={0} role="region" aria-label={title}>
        {children}
      </div>
    </section>
  );
}

function PlanAndActual({ audit }: { audit: StepAudit[] }) {
  if (!audit.length) return null;
  return (
    <Scrolled title="Plan against actual">
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Outcome</th>
            <th scope="col">Agent</th>
            <th scope="col" className="number">Calls</th>
            <th scope="col" className="number">Tokens</th>
            <th scope="col" className="number">Time</th>
            <th scope="col">What came of it</th>
          </tr>
        </thead>
        <tbody>
          {audit.map((row) => (
            <tr key={`${row.id}${row.revision}${row.superseded}`} className={row.superseded ? "superseded" : ""}>
              <th scope="row">{row.id}</th>
              <td>
                <Badge status={row.outcome ?? "waiting"}>{row.outcome ?? "not run"}</Badge>
              </td>
              <td>
                {row.agent || row.planned_agent}
                {row.agent && row.agent !== row.planned_agent && <small> instead of {row.planned_agent}</small>}
              </td>
              <Pair planned={number(row.planned.calls)} actual={number(row.actual.calls)} />
              <Pair planned={tokens(row.planned)} actual={tokens(row.actual)} />
              <Pair planned={duration(row.planned.seconds)} actual={duration(row.actual.seconds)} />
              <td>{row.reason || gave(row.gave)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}

function Pair({ planned, actual }: { planned: string; actual: string }) {
  return (
    <td className="number">
      {actual}
      <small> / {planned}</small>
    </td>
  );
}

function tokens(cost: { input_tokens: number; output_tokens: number }): string {
  return number(cost.input_tokens + cost.output_tokens);
}

/** What is no news to a reader: ids and addresses are found in the guide's sources. */
const UNTOLD = new Set(["video_id", "url", "language", "duration_s", "title", "channel"]);

function gave(values: Record<string, unknown>): string {
  const video = typeof values.title === "string" ? [`“${values.title}”`, values.channel].filter(Boolean).join(", ") : "";
  const rest = Object.entries(values)
    .filter(([name, value]) => value !== 0 && (!video || !UNTOLD.has(name)))
    .map(([name, value]) => (typeof value === "number" ? listed(value, name) : `${name.replaceAll("_", " ")}: ${shown(value)}`));
  return [video, ...rest].filter(Boolean).join(" · ");
}

function Ledger({ trail }: { trail: Trail }) {
  const { usage } = trail;
  const kinds = new Map(trail.ledger.map((call) => [call.role, call.kind]));
  return (
    <section>
      <h2 className="part-title">Ledger</h2>
      <Parts coordination={usage.coordination} work={usage.work} />
      <div className="scroll" tabIndex={0} role="region" aria-label="Ledger by role">
        <table>
          <thead>
            <tr>
              <th scope="col">Role</th>
              <th scope="col">For</th>
              <th scope="col" className="number">Calls</th>
              <th scope="col" className="number">In</th>
              <th scope="col" className="number">Out</th>
              <th scope="col" className="number">Cost</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(usage.by_role).map(([role, share]) => (
              <tr key={role}>
                <th scope="row">{role}</th>
                <td>{kinds.get(role)}</td>
                <Counts share={share} />
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">In all</th>
              <td />
              <Counts share={usage} />
            </tr>
          </tfoot>
        </table>
      </div>
      <Calls calls={trail.ledger} />
    </section>
  );
}

function Counts({ share }: { share: Share }) {
  return (
    <>
      <td className="number">{number(share.calls)}</td>
      <td className="number">{number(share.input_tokens)}</td>
      <td className="number">{number(share.output_tokens)}</td>
      <td className="number">{dollars(share.usd)}</td>
    </>
  );
}

function Parts({ coordination, work }: { coordination: Share; work: Share }) {
  const all = (row: Share) => row.input_tokens + row.output_tokens;
  const part = all(coordination) / Math.max(1, all(coordination) + all(work));
  return (
    <div className="parts">
      <div className="bars" aria-hidden="true">
        <span className="coordination" style={{ flexGrow: part }} />
        <span className="work" style={{ flexGrow: 1 - part }} />
      </div>
      <p>
        <span className="key coordination" /> Coordination: {counted(coordination.calls, "call")},{" "}
        {Math.round(part * 100)}% of the tokens <span className="key work" /> Work: {counted(work.calls, "call")},{" "}
        {Math.round((1 - part) * 100)}%
      </p>
    </div>
  );
}

function Calls({ calls }: { calls: ModelCall[] }) {
  return (
    <details>
      <summary>Every call</summary>
      <ul className="calls bare">
        {calls.map((call) => (
          <li key={call.id}>
            <strong>{call.role}</strong> <span className="muted">{call.step}</span> {call.model} · {call.tier} ·{" "}
            {number(call.input_tokens + call.output_tokens)} tokens · {duration(call.seconds)}
            {call.error && <span className="fault"> {call.error}</span>}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Evidence({ trail }: { trail: Trail }) {
  const sources = new Map(trail.sources.map((row) => [row.video_id, row]));
  const rows = [
    ...(trail.guide?.claims ?? []).map((claim) => ({ claim, state: "done", note: "verified" })),
    ...(trail.guide?.unverified ?? []).map((claim) => ({ claim, state: "failed", note: claim.reason })),
    ...trail.left_out.map(({ claim, reason }) => ({ claim, state: "skipped", note: reason })),
  ];
  if (!rows.length) return null;
  return (
    <Scrolled title="Evidence">
      <table className="evidence">
        <thead>
          <tr>
            <th scope="col">Claim</th>
            <th scope="col">Stands</th>
            <th scope="col">Quoted words</th>
            <th scope="col">Where</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ claim, state, note }) => (
            <tr key={claim.id}>
              <td>{claim.text}</td>
              <td>
                <Badge status={state}>{note}</Badge>
              </td>
              <td>
                {claim.citations.map((row) => (
                  <q key={row.video_id + row.start}>{row.quote}</q>
                ))}
              </td>
              <td>
                {claim.citations.map((row) => (
                  <div key={row.video_id + row.start}>
                    {sources.get(row.video_id)?.channel || row.video_id} <time>{clock(row.start)}</time>
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}

function Incidents({ trail }: { trail: Trail }) {
  if (!trail.incidents.length) return null;
  return (
    <section>
      <h2 className="part-title">Dealt with on the way</h2>
      <ul>
        {trail.incidents.map((row, index) => (
          <li key={index}>
            <strong>{row.where}</strong>: {row.what}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Options({ trail }: { trail: Trail }) {
  return (
    <details>
      <summary>Options of the run</summary>
      <dl className="pairs">
        {Object.entries(trail.options).map(([name, value]) => (
          <div key={name}>
            <dt>{name.replaceAll("_", " ")}</dt>
            <dd>{shown(value)}</dd>
          </div>
        ))}
        <div>
          <dt>thread</dt>
          <dd>{trail.thread_id}</dd>
        </div>
      </dl>
    </details>
  );
}

/** When each step worked, and which of them the end waited for. */
import { duration } from "../format";
import { realPath } from "../run/paths";
import type { StepAudit, Trail } from "../server/types";

/** Draw a line for each step that ran, from its start to its end. */
export function Timeline({ trail }: { trail: Trail }) {
  const rows = trail.audit.filter((row) => row.started !== null);
  if (!rows.length) return null;
  const path = new Set(realPath(trail.audit));
  const first = Math.min(...rows.map((row) => row.started ?? 0));
  const last = Math.max(...rows.map(end));
  const span = Math.max(last - first, 0.001);
  return (
    <section>
      <h2 className="part-title">Timeline</h2>
      <p className="muted small-text">
        The steps took {duration(span)}. The end waited for {[...path].join(" → ")}.
        {path.size > 0 && samePath(trail, path) ? " That is as planned." : ""}
      </p>
      <ol className="timeline bare">
        {rows.map((row) => (
          <li key={`${row.id}${row.revision}${row.superseded}`} className={path.has(row.id) ? "critical" : ""}>
            <span className="name">{row.id}</span>
            <span className="track" aria-hidden="true">
              <span
                className={`bar ${row.outcome ?? "waiting"}`}
                style={{
                  left: `${(((row.started ?? 0) - first) / span) * 100}%`,
                  width: `${Math.max(0.6, (row.actual.seconds / span) * 100)}%`,
                }}
              />
            </span>
            <span className="time">
              <span className="unseen">from {duration((row.started ?? 0) - first)} for </span>
              {duration(row.actual.seconds)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function end(row: StepAudit): number {
  return (row.started ?? 0) + row.actual.seconds;
}

function samePath(trail: Trail, path: Set<string>): boolean {
  return trail.timing.critical_path.join() === [...path].join();
}

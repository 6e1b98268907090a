/** The path of a run whose pattern decides on the way: who handed on to whom, and why. */
import type { Move } from "../server/types";

/** List the moves in their order. */
export function Moves({ path }: { path: Move[] }) {
  return (
    <section>
      <h3>The path so far</h3>
      <ol className="moves bare">
        {path.map((move, index) => (
          // A path only grows, so a place in it stays what it is.
          <li key={index}>
            <p>
              <strong>{move.agent}</strong>
              {move.outcome && <span className="tag">{move.outcome}</span>}
              {targets(move) && (
                <>
                  <span aria-hidden="true">→</span> <strong>{targets(move)}</strong>
                </>
              )}
            </p>
            {move.intent && <p>{move.intent}</p>}
            {move.reason && <p className="muted">{move.reason}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function targets(move: Move): string {
  return Array.isArray(move.to) ? move.to.join(", ") : (move.to ?? "");
}

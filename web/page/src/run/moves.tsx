/** The path of a run whose pattern decides on the way: who handed on to whom, and why. */
import type { Move } from "../server/types";

/** List the moves in their order. */
export function Moves({ path }: { path: Move[] }) {
  return (
    <section>
      <h2 className="part-title">The path so far</h2>
      <ol className="moves bare">
        {path.map((move, index) => (
          // A path only grows, so a place in it stays what it is.
          <li key={index}>
            <p>
              <strong>{move.by}</strong>
              <span className="tag">{move.turn.replaceAll("_", " ")}</span>
              {move.to.length > 0 && (
                <>
                  <span aria-hidden="true">→</span> <strong>{move.to.join(", ")}</strong>
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

/** The path of a run whose pattern decides on the way: who handed on to whom, and why. */
import type { Move } from "../server/types";

/** List the moves in their order. */
export function Moves({ path, over }: { path: Move[]; over: boolean }) {
  return (
    <section>
      <h2 className="part-title">{over ? "The path" : "The path so far"}</h2>
      <ol className="moves bare" aria-live={over ? "off" : "polite"}>
        {path.map((move, index) => (
          // A path only grows, so a place in it stays what it is.
          <li key={index}>
            <MoveLine move={move} />
            {move.intent && <p>{move.intent}</p>}
            {move.reason && <p className="muted">{move.reason}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Who decided, what kind of decision it was, and who goes on. */
export function MoveLine({ move }: { move: Move }) {
  return (
    <p className="move">
      <strong>{spelled(move.by)}</strong>
      <span className="tag">{spelled(move.turn)}</span>
      {move.to.length > 0 && (
        <>
          <span aria-hidden="true">→</span> <strong>{move.to.map(spelled).join(", ")}</strong>
        </>
      )}
    </p>
  );
}

/** A name of a node or a capability, in words; the id of a step stays one. */
function spelled(name: string): string {
  return /\d/.test(name) ? name : name.replaceAll("_", " ");
}

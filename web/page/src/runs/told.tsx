/** A run of the command line, to be read: its guide and its trail, from the files that it wrote. */
import { useEffect, useMemo } from "react";
import { Badge, Empty, Link, Loading, Notice } from "../frame/parts";
import { Reading } from "../guide/guide";
import { get } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { Trail } from "../server/types";
import { TrailSides } from "../trail/trail";

const SIDES = { guide: "Guide", trail: "Trail" } as const;

export function ToldScreen({ threadId, side }: { threadId: string; side: string | undefined }) {
  const base = `command-line/${encodeURIComponent(threadId)}`;
  const trail = useLoaded(base, (signal) => get<Trail>(`${base}/trail`, signal));
  const request = trail.data?.request ?? "";
  useEffect(() => {
    document.title = `${request.slice(0, 60) || "Run"} · cliptrail`;
  }, [request]);
  if (trail.error) {
    return (
      <Empty title="This run cannot be shown">
        <p>{trail.error}</p>
        <Link to="/runs">See all runs</Link>
      </Empty>
    );
  }
  if (!trail.data) return <Loading what="the run" />;
  return <Told trail={trail.data} base={base} side={side === "trail" ? "trail" : "guide"} />;
}

function Told({ trail, base, side }: { trail: Trail; base: string; side: keyof typeof SIDES }) {
  const sources = useMemo(() => Object.fromEntries(trail.sources.map((row) => [row.video_id, row])), [trail]);
  return (
    <article className="run">
      <header className="head">
        <h1>{trail.request}</h1>
        <div className="row">
          <Badge status={trail.status} />
          <span className="muted">{trail.pattern}</span>
          <span className="tag">command line</span>
        </div>
        <nav className="segments" aria-label="Sides of the run">
          {(["guide", "trail"] as const).map((one) => (
            <Link key={one} to={`/${base}/${one}`} current={one === side}>
              {SIDES[one]}
            </Link>
          ))}
        </nav>
      </header>
      {trail.status !== "complete" && <Notice kind="warning">{trail.stop_message}</Notice>}
      {side === "trail" && <TrailSides trail={trail} />}
      {side === "guide" && trail.guide && <Reading guide={trail.guide} sources={sources} options={trail.options} base={base} />}
      {side === "guide" && !trail.guide && <Empty title="There is no guide">The trail says why.</Empty>}
    </article>
  );
}

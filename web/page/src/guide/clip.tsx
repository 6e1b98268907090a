/** The place that a citation names: the words around it, the quote marked, and the clip itself. */
import { useEffect, useRef, useState } from "react";
import { Loading, Notice, Panel } from "../frame/parts";
import { clock } from "../format";
import { get } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { Citation, Clip } from "../server/types";
import { youtubeId } from "./sources";

const PLAYER = "https://www.youtube-nocookie.com/embed/";

/** Open a citation; `base` is the run's place among our routes. */
export function ClipPanel(props: { base: string; citation: Citation; close: () => void }) {
  const { citation } = props;
  const path = `${props.base}/clips/${encodeURIComponent(citation.video_id)}`;
  const query = new URLSearchParams({ start: String(citation.start), end: String(citation.end) });
  const clip = useLoaded(`${path}?${query}`, (signal) => get<Clip>(`${path}?${query}`, signal));
  return (
    <Panel title={clip.data?.video.title ?? "The clip"} close={props.close}>
      {clip.error && <Notice kind="error">{clip.error}</Notice>}
      {!clip.data && !clip.error && <Loading what="the clip" />}
      {clip.data && <Excerpt clip={clip.data} citation={citation} />}
    </Panel>
  );
}

function Excerpt({ clip, citation }: { clip: Clip; citation: Citation }) {
  const marked = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // In braces: newer browsers give a promise back, which is no cleanup.
    void marked.current?.scrollIntoView({ block: "center" });
  }, []);
  const first = clip.lines.findIndex((line) => line.cited);
  return (
    <>
      <p className="muted">
        {clip.video.channel} · from {clock(citation.start)} to {clock(citation.end)}
      </p>
      <Player clip={clip} start={citation.start} />
      <ol className="transcript bare">
        {clip.lines.map((line, index) => (
          <li key={line.segment.start} ref={index === first ? marked : null} className={line.cited ? "cited" : ""}>
            <time>{clock(line.segment.start)}</time>
            {line.cited ? <mark>{line.segment.text}</mark> : <span>{line.segment.text}</span>}
          </li>
        ))}
      </ol>
    </>
  );
}

/** The clip on YouTube, loaded only when the person asks: nothing is sent there before. */
function Player({ clip, start }: { clip: Clip; start: number }) {
  const [playing, setPlaying] = useState(false);
  const id = youtubeId(clip.video.url);
  if (clip.invented) {
    return <p className="muted small-text">A bundled sample: its channel and its video are invented, so there is only its transcript.</p>;
  }
  if (!id) return null;
  const from = Math.floor(start);
  if (!navigator.onLine) return <p className="muted small-text">Offline: the clip can be played when you are online.</p>;
  if (!playing) {
    return (
      <div className="actions">
        <button type="button" className="primary" onClick={() => setPlaying(true)}>
          ▶ Play from {clock(start)}
        </button>
        <a href={`https://youtu.be/${id}?t=${from}`} target="_blank" rel="noreferrer noopener">
          Open on YouTube
        </a>
      </div>
    );
  }
  return (
    <iframe
      className="player"
      title={`${clip.video.title}, from ${clock(start)}`}
      src={`${PLAYER}${id}?start=${from}&autoplay=1`}
      allow="autoplay; encrypted-media; picture-in-picture"
      sandbox="allow-scripts allow-same-origin allow-presentation allow-popups"
      referrerPolicy="strict-origin-when-cross-origin"
    />
  );
}

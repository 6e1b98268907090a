/** The library: what it has, where something is said, what a video says, and bringing in more. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import { go } from "../frame/address";
import { Empty, Link, Loading, Notice } from "../frame/parts";
import { clock, counted } from "../format";
import { get, post, words } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { Hit, Imported, Transcript, Video } from "../server/types";

type Name = "own" | "samples";
const TITLES: Record<Name, string> = { own: "Your library", samples: "Bundled samples" };
const FORMATS = ".vtt,.srt,.sbv,.json3,.json";

interface Listing {
  videos: Video[];
  channels: string[];
}

export function LibraryScreen(props: { name: string | undefined; videoId: string | undefined; query: URLSearchParams }) {
  const name: Name = props.name === "samples" ? "samples" : "own";
  useEffect(() => {
    document.title = "Library · cliptrail";
  }, []);
  if (props.videoId) {
    return <TranscriptView name={name} videoId={props.videoId} at={Number(props.query.get("at") ?? -1)} />;
  }
  return <Listed key={name} name={name} />;
}

function Listed({ name }: { name: Name }) {
  const listing = useLoaded(name, (signal) => get<Listing>(`library/${name}/videos`, signal));
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const query = new URLSearchParams({ query: asked });
  const hits = useLoaded(asked && `${name}?${asked}`, (signal) => get<Hit[]>(`library/${name}/search?${query}`, signal));
  const search = (event: FormEvent) => {
    event.preventDefault();
    setAsked(text.trim());
  };
  return (
    <>
      <header className="head">
        <h1>Library</h1>
        <nav className="segments" aria-label="Which library">
          {(["own", "samples"] as const).map((one) => (
            <Link key={one} to={`/library/${one}`} current={one === name}>
              {TITLES[one]}
            </Link>
          ))}
        </nav>
      </header>
      {name === "samples" && (
        <p className="muted">Written for cliptrail: the channels, the people and the videos are invented.</p>
      )}
      {name === "own" && <Import done={listing.again} />}
      <form className="row filters" role="search" onSubmit={search}>
        <label className="grow">
          <span className="unseen">Find where something is said</span>
          <input type="search" value={text} placeholder="Find where something is said" onChange={(event) => setText(event.target.value)} />
        </label>
        <button type="submit">Search</button>
        {asked && (
          <button
            type="button"
            onClick={() => {
              setText("");
              setAsked("");
            }}
          >
            All videos
          </button>
        )}
      </form>
      {(listing.error || hits.error) && <Notice kind="error">{listing.error || hits.error}</Notice>}
      {asked ? <Hits name={name} hits={hits.data} failed={Boolean(hits.error)} /> : <Videos name={name} listing={listing.data} failed={Boolean(listing.error)} />}
    </>
  );
}

function Videos({ name, listing, failed }: { name: Name; listing: Listing | undefined; failed: boolean }) {
  if (failed) return null;
  if (!listing) return <Loading what="the videos" />;
  if (!listing.videos.length) {
    return (
      <Empty title="Your library is empty">
        <p>Bring in transcripts, or read the bundled samples first.</p>
        <Link to="/library/samples">See the samples</Link>
      </Empty>
    );
  }
  return (
    <>
      <p className="muted">
        {counted(listing.videos.length, "video")} of {counted(listing.channels.length, "channel")}
      </p>
      <ul className="videos bare">
        {listing.videos.map((video) => (
          <li key={video.video_id}>
            <Link to={`/library/${name}/${encodeURIComponent(video.video_id)}`}>{video.title}</Link>
            <span className="muted">{[video.channel, video.duration_s ? clock(video.duration_s) : "", captions(video)].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function captions(video: Video): string {
  return { manual: "", auto: "automatic captions", none: "no captions", unknown: "" }[video.captions];
}

function Hits({ name, hits, failed }: { name: Name; hits: Hit[] | undefined; failed: boolean }) {
  if (failed) return null;
  if (!hits) return <Loading what="the places" />;
  if (!hits.length) return <Empty title="Nobody says that here">Try other words.</Empty>;
  return (
    <ul className="hits bare" aria-live="polite">
      {hits.map((hit) => (
        <li key={`${hit.video.video_id}${hit.index}`}>
          <Link to={`/library/${name}/${encodeURIComponent(hit.video.video_id)}?at=${hit.segment.start}`}>
            <time>{clock(hit.segment.start)}</time> {hit.segment.text}
          </Link>
          <span className="muted">
            {hit.video.title} · {hit.video.channel}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Import({ done }: { done: () => void }) {
  const picker = useRef<HTMLInputElement>(null);
  const [results, setResults] = useState<{ name: string; text: string; bad: boolean }[]>([]);
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);
  const take = async (files: FileList | null) => {
    if (!files?.length) return;
    setBusy(true);
    const rows = [];
    for (const file of files) rows.push(await imported(file));
    setResults(rows);
    setBusy(false);
    done();
  };
  return (
    <section className={over ? "drop over" : "drop"} aria-label="Import">
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void take(event.dataTransfer.files);
        }}
      >
        <p>
          <button type="button" className="primary" disabled={busy} onClick={() => picker.current?.click()}>
            {busy ? "Importing…" : "Import transcripts"}
          </button>{" "}
          <span className="muted">or drop files here: VTT, SRT, SBV, json3, JSON</span>
        </p>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          accept={FORMATS}
          aria-label="Files to import"
          onChange={(event) => void take(event.target.files)}
        />
      </div>
      <ul className="bare" aria-live="polite">
        {results.map((row) => (
          <li key={row.name} className={row.bad ? "fault" : ""}>
            {row.name}: {row.text}
          </li>
        ))}
      </ul>
    </section>
  );
}

async function imported(file: File): Promise<{ name: string; text: string; bad: boolean }> {
  const query = new URLSearchParams({ file: file.name });
  try {
    const { video, problem } = await post<Imported>(`library/own/import?${query}`, file);
    if (video) return { name: file.name, text: `imported as “${video.title}”`, bad: false };
    return { name: file.name, text: `${problem?.reason ?? ""} ${problem?.next_step ?? ""}`, bad: true };
  } catch (error) {
    return { name: file.name, text: words(error), bad: true };
  }
}

function TranscriptView({ name, videoId, at }: { name: Name; videoId: string; at: number }) {
  const found = useLoaded(`${name}/${videoId}`, (signal) => get<Transcript>(`library/${name}/videos/${encodeURIComponent(videoId)}`, signal));
  const here = useRef<HTMLLIElement>(null);
  const [text, setText] = useState("");
  useEffect(() => {
    // In braces: newer browsers give a promise back, which is no cleanup.
    void here.current?.scrollIntoView({ block: "center" });
  }, [found.data]);
  if (found.error) return <Notice kind="error">{found.error}</Notice>;
  if (!found.data) return <Loading what="the transcript" />;
  const { video, segments } = found.data;
  const wanted = text.trim().toLowerCase();
  const lines = wanted ? segments.filter((row) => row.text.toLowerCase().includes(wanted)) : segments;
  return (
    <>
      <header className="head">
        <p className="eyebrow">
          <Link to={`/library/${name}`}>{TITLES[name]}</Link>
        </p>
        <h1>{video.title}</h1>
        <p className="muted">{[video.channel, video.published, video.duration_s ? clock(video.duration_s) : ""].filter(Boolean).join(" · ")}</p>
      </header>
      {segments.length === 0 ? (
        <Empty title="This video has no captions">So nothing of it can be cited.</Empty>
      ) : (
        <>
          <label className="filters">
            <span className="unseen">Find in this transcript</span>
            <input type="search" placeholder="Find in this transcript" value={text} onChange={(event) => setText(event.target.value)} />
          </label>
          <ol className="transcript bare full">
            {lines.map((row) => {
              const cited = at >= row.start && at < row.start + row.duration;
              return (
                <li key={row.start} ref={cited ? here : null} className={cited ? "cited" : ""}>
                  <button type="button" className="link" onClick={() => go(`/library/${name}/${encodeURIComponent(videoId)}?at=${row.start}`, true)}>
                    <time>{clock(row.start)}</time>
                  </button>
                  {cited ? <mark>{row.text}</mark> : <span>{row.text}</span>}
                </li>
              );
            })}
          </ol>
          {lines.length === 0 && <Empty title="Not said here">Try other words.</Empty>}
        </>
      )}
    </>
  );
}

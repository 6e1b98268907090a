/** The guide: claims as asked, each with its clips; what is doubtful stands apart. */
import { createContext, type FormEvent, type ReactNode, useContext, useMemo, useState } from "react";
import { go } from "../frame/address";
import { Badge, Empty, Link, Loading, Notice } from "../frame/parts";
import { clock, counted } from "../format";
import { download, get, post, words } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { Block, Choices, Citation, Claim, Guide, Options, Sentence, Source, Standing } from "../server/types";
import type { Watched } from "../run/watching";
import { ClipPanel } from "./clip";
import { Said } from "./said";
import { sourcesOf, youtubeId } from "./sources";

interface Desk {
  sources: Record<string, Source>;
  open: (citation: Citation) => void;
}
const DeskContext = createContext<Desk>({ sources: {}, open: () => undefined });
const ClaimsContext = createContext<Map<string, Claim>>(new Map());

export function GuideTab({ run, threadId }: { run: Watched; threadId: string }) {
  const sources = useMemo(() => sourcesOf(run.values), [run.values]);
  const { guide } = run.values;
  if (run.stands === "running") {
    return (
      <Empty title="The guide is being made">
        <Loading what="the guide" />
      </Empty>
    );
  }
  if (run.stands !== "ended") return <Empty title="There is no guide yet">The run has not come to its end.</Empty>;
  return (
    <>
      <Outcome run={run} threadId={threadId} />
      {guide ? (
        <Reading guide={guide} sources={sources} options={run.values.options ?? {}} base={`runs/${threadId}`} />
      ) : (
        <NoGuide run={run} />
      )}
      <Onwards run={run} threadId={threadId} />
    </>
  );
}

interface ReadingProps {
  guide: Guide;
  sources: Record<string, Source>;
  options: Options;
  /** The run's place among our routes. */
  base: string;
}

/** Show a guide; its citations open their clips. */
export function Reading({ guide, sources, options, base }: ReadingProps) {
  const [open, setOpen] = useState<Citation>();
  const desk = useMemo(() => ({ sources, open: setOpen }), [sources]);
  return (
    <DeskContext value={desk}>
      <Document guide={guide} options={options} />
      {open && <ClipPanel base={base} citation={open} close={() => setOpen(undefined)} />}
    </DeskContext>
  );
}

function Outcome({ run, threadId }: { run: Watched; threadId: string }) {
  const { guide, status } = run.values;
  const videos = new Set(guide?.claims.flatMap((claim) => claim.citations.map((row) => row.video_id)));
  return (
    <div className="outcome">
      {guide && (
        <p className="muted">
          {guide.videos?.length
            ? `${counted(guide.videos.length, "video")} found; nothing of what they say was asked`
            : `${counted(guide.claims.length, "verified claim")} from ${counted(videos.size, "video")}`}
        </p>
      )}
      {(run.values.files?.length ?? 0) > 0 && <Downloads threadId={threadId} guide={Boolean(guide)} />}
      {run.values.trace && <Thumbs threadId={threadId} />}
      {status === "partial" && <Notice kind="warning" title="This guide is partial">{whatHappened(run)}</Notice>}
    </div>
  );
}

/** The message's own words on how it ended, without what the page shows anyway. */
function whatHappened(run: Watched): string {
  const lines = (run.values.message ?? "").split("\n");
  return lines.filter((line) => !/^(Written: |The guide is |There is no guide|\d+ (verified|model call))/.test(line)).join(" ");
}

function Downloads({ threadId, guide }: { threadId: string; guide: boolean }) {
  const [error, setError] = useState("");
  const save = (kind: string) => {
    setError("");
    download(`runs/${threadId}/files/${kind}`).catch((problem: unknown) => setError(words(problem)));
  };
  return (
    <div className="actions end">
      {guide && (
        <button type="button" onClick={() => save("guide")}>
          Download .md
        </button>
      )}
      <button type="button" onClick={() => save("trail")}>
        Download .trail.json
      </button>
      {error && <Notice kind="error">{error}</Notice>}
    </div>
  );
}

/** Was it any good? Told to LangSmith, beside the run's trace. */
function Thumbs({ threadId }: { threadId: string }) {
  const [verdict, setVerdict] = useState<"good" | "bad">();
  const [why, setWhy] = useState("");
  const [said, setSaid] = useState("");
  const [error, setError] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    setError("");
    post(`runs/${threadId}/feedback`, { verdict, why }).then(
      () => setSaid("LangSmith has your feedback. Thank you."),
      (problem: unknown) => setError(words(problem)),
    );
  };
  if (said) return <p role="status">{said}</p>;
  return (
    <form className="row" onSubmit={send}>
      <span className="muted">Was it any good?</span>
      {(["good", "bad"] as const).map((one) => (
        <button key={one} type="button" className="small" aria-pressed={verdict === one} onClick={() => setVerdict(one)}>
          {one === "good" ? "👍 Good" : "👎 Bad"}
        </button>
      ))}
      {verdict && (
        <>
          <label className="grow">
            <span className="unseen">Why, in your words</span>
            <input value={why} maxLength={2000} placeholder="Why, if you like" onChange={(event) => setWhy(event.target.value)} />
          </label>
          <button type="submit" className="small primary">
            Send
          </button>
        </>
      )}
      {error && <Notice kind="error">{error}</Notice>}
    </form>
  );
}

/** What can be asked now: more on the same thread, where the pattern remembers it, or all anew. */
function Onwards({ run, threadId }: { run: Watched; threadId: string }) {
  const choices = useLoaded("choices", (signal) => get<Choices>("choices", signal));
  const remembers = choices.data?.patterns.find((row) => row.name === run.values.pattern)?.remembers;
  return (
    <div className="onwards">
      {remembers && <FollowUp run={run} threadId={threadId} />}
      <Link to={`/?like=${threadId}`}>Ask anew, with other words or options</Link>
    </div>
  );
}

function FollowUp({ run, threadId }: { run: Watched; threadId: string }) {
  const [text, setText] = useState("");
  const [sent, setSent] = useState(false);
  const [error, setError] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    run.ask(text.trim()).then(
      () => go(`/runs/${threadId}`),
      (problem: unknown) => {
        setError(words(problem));
        setSent(false);
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <label>
        Ask a follow-up
        <span className="row">
          <input className="grow" value={text} maxLength={8000} placeholder="Only what is missing is fetched" onChange={(event) => setText(event.target.value)} />
          <button type="submit" className="primary" disabled={sent || !text.trim()}>
            {sent ? "Starting…" : "Ask"}
          </button>
        </span>
      </label>
      {error && <Notice kind="error">{error}</Notice>}
    </form>
  );
}

function NoGuide({ run }: { run: Watched }) {
  return (
    <Empty title="There is no guide">
      <p>{whatHappened(run)}</p>
      <p>
        <Badge status="failed">{(run.values.stop_reason ?? "").replaceAll("_", " ")}</Badge>
      </p>
    </Empty>
  );
}

const LEADS = {
  composed: "",
  videos: "",
  found: "The statements that answer, as they were found; nobody composed a guide of them.",
  excerpts: "The passages that answer, in the speakers' words.",
};

function Document({ guide, options }: { guide: Guide; options: Options }) {
  const claims = new Map(guide.claims.map((claim) => [claim.id, claim]));
  const lead = guide.kind && LEADS[guide.kind];
  return (
    <ClaimsContext value={claims}>
      <div className="guide">
        <h2>{guide.title}</h2>
        {lead && <p className="muted">{lead}</p>}
        <Run sentences={guide.answer ?? []} />
        <Videos videos={guide.videos ?? []} options={options} />
        {(guide.sections ?? []).map((section, place) => (
          <section key={place}>
            {section.heading && <h3>{section.heading}</h3>}
            {section.blocks.map((block, index) => (
              <BlockView key={index} block={block} />
            ))}
          </section>
        ))}
        {!guide.sections?.length && <AsFound guide={guide} />}
        {guide.conflicts.length > 0 && (
          <Part title="Where the sources do not agree">
            {guide.conflicts.map((conflict) => (
              <Conflict key={conflict.topic + conflict.claims.join()} topic={conflict.topic} claims={conflict.claims.flatMap((id) => claims.get(id) ?? [])} />
            ))}
          </Part>
        )}
        <Gaps title="What the videos do not say" guide={guide} standing="silent" />
        <Gaps title="Not found" guide={guide} standing="not_found" />
        <Unverified guide={guide} />
        <Sources guide={guide} />
      </div>
    </ClaimsContext>
  );
}

/** The claims where nobody wrote sections, without those that stand under what is in dispute. */
function AsFound({ guide }: { guide: Guide }) {
  const disputed = new Set(guide.conflicts.flatMap((conflict) => conflict.claims));
  const rows = guide.claims.filter((claim) => !disputed.has(claim.id));
  return grouped(rows).map(([name, own]) => (
    <section key={name}>
      {name && <h3>{name}</h3>}
      <ul className="claims bare">
        {own.map((claim) => (
          <ClaimLine key={claim.id} claim={claim} />
        ))}
      </ul>
    </section>
  ));
}

function Run({ sentences }: { sentences: Sentence[] }) {
  if (!sentences.length) return null;
  return (
    <p>
      {sentences.map((row, place) => (
        <Words key={place} sentence={row} />
      ))}
    </p>
  );
}

/** A sentence and the clips that it rests on. */
function Words({ sentence }: { sentence: Sentence }) {
  return (
    <>
      <Said>{sentence.text}</Said> <ClaimChips ids={sentence.claims} />{" "}
    </>
  );
}

function ClaimChips({ ids }: { ids: string[] }) {
  const claims = useContext(ClaimsContext);
  const places = new Map(ids.flatMap((id) => claims.get(id)?.citations ?? []).map((row) => [`${row.video_id} ${row.start} ${row.end}`, row]));
  return <Chips citations={[...places.values()]} />;
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case "paragraph":
      return <Run sentences={block.sentences} />;
    case "steps":
    case "bullets": {
      const items = block.items.map((row, place) => (
        <li key={place}>
          <Words sentence={row} />
        </li>
      ));
      return block.kind === "steps" ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return <TableView columns={block.columns} rows={block.rows} />;
    case "code":
      return (
        <>
          <pre>
            <code>{block.code.text}</code>
          </pre>
          <ClaimChips ids={block.code.claims} />
        </>
      );
    case "quote":
      return (
        <blockquote>
          “<Said>{block.words.text}</Said>” <ClaimChips ids={block.words.claims} />
        </blockquote>
      );
  }
}

function TableView({ columns, rows }: { columns: string[]; rows: { label: string; cells: Sentence[] }[] }) {
  return (
    <table>
      <thead>
        <tr>
          {columns.map((name, place) => (
            <th key={place} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, place) => (
          <tr key={place}>
            <th scope="row">{row.label}</th>
            {row.cells.map((cell, index) => (
              <td key={index}>
                <Words sentence={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What was asked and is not answered, each in the one part where it belongs. */
function Gaps({ title, guide, standing }: { title: string; guide: Guide; standing: Standing }) {
  const rows = guide.facts ?? [];
  const known = rows.filter((row) => row.cells[0]?.standing === standing).map((row) => row.fact);
  const facts = rows.length || standing !== "not_found" ? known : guide.unanswered;
  const silent = guide.coverage.filter((row) => !row.cited && (row.standing ?? "not_found") === standing);
  if (!facts.length && !silent.length) return null;
  return (
    <Part title={title}>
      <ul>
        {facts.map((text) => (
          <li key={text}>
            <Said>{text}</Said>
          </li>
        ))}
        {silent.map((row) => (
          <li key={row.channel}>
            {row.channel}: {row.reason}
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** Videos that were asked for, each with a way to it: in the library, or on YouTube. */
function Videos({ videos, options }: { videos: Source[]; options: Options }) {
  if (!videos.length) return null;
  return (
    <ul className="sources bare">
      {videos.map((video) => (
        <li key={video.video_id}>
          <VideoLink video={video} options={options} />
          <span className="muted">{video.channel}</span>
        </li>
      ))}
    </ul>
  );
}

function VideoLink({ video, options }: { video: Source; options: Options }) {
  const library = options.library === "samples" ? "samples" : "own";
  if (options.source !== "youtube") {
    return <Link to={`/library/${library}/${encodeURIComponent(video.video_id)}`}>{video.title}</Link>;
  }
  const id = youtubeId(video.url);
  if (!id) return <strong>{video.title}</strong>;
  return (
    <a href={`https://youtu.be/${id}`} target="_blank" rel="noreferrer noopener">
      {video.title}
    </a>
  );
}

function grouped(claims: Claim[]): [string, Claim[]][] {
  const sections = new Map<string, Claim[]>();
  for (const claim of claims) sections.set(claim.section, [...(sections.get(claim.section) ?? []), claim]);
  return [...sections];
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function ClaimLine({ claim }: { claim: Claim }) {
  return (
    <li>
      <Said>{claim.text}</Said> <Chips citations={claim.citations} />
    </li>
  );
}

/** The places that a claim rests on; a click opens them. */
export function Chips({ citations }: { citations: Citation[] }) {
  const desk = useContext(DeskContext);
  return (
    <span className="chips">
      {citations.map((citation) => {
        const source = desk.sources[citation.video_id];
        const name = source?.channel || source?.title || citation.video_id;
        return (
          <button
            key={`${citation.video_id}${citation.start}`}
            type="button"
            className="chip"
            title={`“${citation.quote}”`}
            aria-label={`${name} ${clock(citation.start)}: open the clip`}
            onClick={() => desk.open(citation)}
          >
            {name} <time>{clock(citation.start)}</time>
          </button>
        );
      })}
    </span>
  );
}

function Conflict({ topic, claims }: { topic: string; claims: Claim[] }) {
  return (
    <div className="conflict">
      {topic && <h4>{topic}</h4>}
      <div className="sides">
        {claims.map((claim) => (
          <blockquote key={claim.id}>
            <Said>{claim.text}</Said> <Chips citations={claim.citations} />
          </blockquote>
        ))}
      </div>
    </div>
  );
}

function Unverified({ guide }: { guide: Guide }) {
  const facts = (guide.facts ?? []).filter((row) => row.cells[0]?.standing === "unverified");
  const silent = guide.coverage.filter((row) => row.standing === "unverified");
  const claims = guide.unverified;
  if (!facts.length && !silent.length && !claims.length) return null;
  return (
    <section className="part unverified">
      <h3>Not verified</h3>
      <ul>
        {facts.map((row) => (
          <li key={row.fact}>
            <Said>{row.fact}</Said>: nothing on it could be verified.
          </li>
        ))}
        {silent.map((row) => (
          <li key={row.channel}>
            {row.channel}: {row.reason}
          </li>
        ))}
      </ul>
      {claims.length > 0 && <p className="muted">These statements did not pass a check.</p>}
      <ul>
        {claims.map((claim) => (
          <li key={claim.id}>
            <Said>{claim.text}</Said> <span className="muted">({claim.reason})</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sources({ guide }: { guide: Guide }) {
  const { sources } = useContext(DeskContext);
  const cited = new Map<string, number>();
  for (const claim of guide.claims)
    for (const { video_id } of claim.citations) cited.set(video_id, (cited.get(video_id) ?? 0) + 1);
  if (!cited.size) return null;
  return (
    <Part title="Sources">
      <ul className="sources bare">
        {[...cited].map(([id, times]) => (
          <li key={id}>
            <strong>{sources[id]?.title ?? id}</strong>
            <span className="muted">
              {sources[id]?.channel} · cited {counted(times, "time")}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

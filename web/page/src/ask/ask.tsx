/** The question: what to ask, of which videos, by which pattern, within which limits. */
import { type FormEvent, type KeyboardEvent, useEffect, useState } from "react";
import { go } from "../frame/address";
import { Notice } from "../frame/parts";
import { counted } from "../format";
import { client, get, STREAM, words } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { Choices, OptionRow, Options, Values } from "../server/types";
import { type Answers, answersOf, answersTyped, OptionFields } from "./fields";
import { Approval, type Bounds, BOUNDS, boundsOf, limited, Limits, Radios } from "./options";

const CHOOSE = "";
const PLANNER = "planner";
const OWN = "own";
const SAMPLES = "samples";
const LIBRARY = "library";

interface Asked extends Bounds {
  request: string;
  pattern: string;
  /** Which library or other source: "own", "samples", or the name of a source. */
  from: string;
  output: string;
  /** What is typed for the other options. */
  answers: Answers;
}

const BLANK: Asked = {
  ...BOUNDS,
  request: "",
  pattern: CHOOSE,
  from: SAMPLES,
  output: "",
  answers: {},
};

function optionsOf(asked: Asked, rows: OptionRow[]): Options {
  return {
    ...answersTyped(asked.answers, rows),
    ...limited(asked),
    source: asked.from === OWN || asked.from === SAMPLES ? LIBRARY : asked.from,
    library: asked.from === SAMPLES ? SAMPLES : "",
  };
}

/** What is asked, begun as the run before was or as what there is suggests. */
function useAsked(choices: Choices | undefined, before: Values | undefined, planned: boolean) {
  const [asked, setAsked] = useState(BLANK);
  useEffect(() => {
    if (choices?.own_videos) setAsked((now) => ({ ...now, from: OWN }));
  }, [choices]);
  useEffect(() => {
    // A plan that is run again is shown first, whatever was said when it was made.
    if (before) setAsked((now) => ({ ...now, ...likeBefore(before, choices?.options ?? []), ...(planned ? { approval: "ask" } : {}) }));
  }, [before, choices]);
  const set = (fields: Partial<Asked>) => setAsked((now) => ({ ...now, ...fields }));
  return [asked, set] as const;
}

/** Show the form; `from` is a run whose plan is to be run again, `like` one to be asked anew. */
export function AskScreen({ from, like }: { from: string; like: string }) {
  const choices = useLoaded("choices", (signal) => get<Choices>("choices", signal));
  const earlier = from || like;
  const before = useLoaded(earlier, () => client.threads.getState<Values>(earlier).then((state) => state.values));
  const [asked, set] = useAsked(choices.data, before.data, Boolean(from));
  const [sent, setSent] = useState(false);
  const [error, setError] = useState("");
  useEffect(() => {
    document.title = "cliptrail";
  }, []);
  const pattern = patternOf(asked, choices.data, Boolean(from));
  const ready = asked.request.trim() !== "" && !sent;
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!ready) return;
    setSent(true);
    start(asked, pattern, choices.data?.options ?? [], from ? before.data : undefined).then(
      (thread) => go(`/runs/${thread}`),
      (problem: unknown) => {
        setError(words(problem));
        setSent(false);
      },
    );
  };
  const word = sent ? "Starting…" : from ? "Run again" : "Ask";
  return (
    <form className="ask" onSubmit={submit}>
      <Heading kind={from ? "again" : like ? "anew" : "new"} />
      <Request value={asked.request} set={(request) => set({ request })} submit={submit} />
      {(error || choices.error || before.error) && <Notice kind="error">{error || choices.error || before.error}</Notice>}
      <div className="row submit">
        <button type="submit" className="primary large" disabled={!ready}>
          {word}
        </button>
        <span className="muted hint keys">Ctrl + Enter</span>
        <Engine choices={choices.data} model={asked.answers.model ?? ""} />
      </div>
      {!earlier && <Examples choices={choices.data} choose={(request) => set({ request, from: SAMPLES })} />}
      <div className="options">
        {!from && <Patterns choices={choices.data} value={asked.pattern} set={(chosen) => set({ pattern: chosen })} />}
        <div className="stack">
          <Where choices={choices.data} value={asked.from} set={(place) => set({ from: place })} />
          {plans(choices.data, pattern) && <Approval value={asked.approval} set={(approval) => set({ approval })} />}
          <Limits bounds={asked} set={set}>
            <More asked={asked} set={set} rows={rowsFor(choices.data, pattern)} />
          </Limits>
        </div>
      </div>
    </form>
  );
}

const HEADINGS = {
  new: ["What do you want to know?", "You get a guide in which every claim links to the second of the video it came from."],
  again: ["Run this plan again", "The plan is taken as it was; you may edit it before it runs."],
  anew: ["Ask anew", "The question and its options are as they were; change what you like. The first run stays."],
};

function Heading({ kind }: { kind: keyof typeof HEADINGS }) {
  const [title, lead] = HEADINGS[kind];
  return (
    <header className="head">
      <h1>{title}</h1>
      <p className="lead">{lead}</p>
    </header>
  );
}

function Request(props: { value: string; set: (request: string) => void; submit: () => void }) {
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) props.submit();
  };
  return (
    <label>
      <span className="unseen">Your question</span>
      <textarea
        className="request"
        rows={4}
        value={props.value}
        placeholder="Ask in your own words. Name channels, facts, a file name, if you like."
        maxLength={8000}
        onChange={(event) => props.set(event.target.value)}
        onKeyDown={keys}
      />
    </label>
  );
}

/** Does a pattern show a plan, and carry out one that there is? */
function plans(choices: Choices | undefined, pattern: string): boolean {
  return choices?.patterns.find((row) => row.name === pattern)?.plans ?? true;
}

/** The pattern that runs: a plan that there is needs one that carries out plans. */
function patternOf(asked: Asked, choices: Choices | undefined, planned: boolean): string {
  const wanted = asked.pattern || (choices?.chosen ?? PLANNER);
  return planned && !plans(choices, wanted) ? PLANNER : wanted;
}

function likeBefore(values: Values | undefined, rows: OptionRow[]): Partial<Asked> {
  const options = values?.options ?? {};
  const library = options.library === SAMPLES ? SAMPLES : OWN;
  return {
    ...boundsOf(options),
    request: values?.request ?? "",
    pattern: values?.pattern ?? CHOOSE,
    from: options.source && options.source !== LIBRARY ? options.source : library,
    // A file that the run before wrote is not replaced unless one says so again.
    answers: { ...answersOf(options, rows), overwrite: "" },
  };
}

/** The options that a pattern knows; of one that no option names, all. */
function rowsFor(choices: Choices | undefined, pattern: string): OptionRow[] {
  const rows = choices?.options ?? [];
  const named = rows.some((row) => row.patterns.includes(pattern));
  return rows.filter((row) => !named || row.patterns.length === 0 || row.patterns.includes(pattern));
}

/** Start a run in the background: whoever opens its address joins it. */
async function start(asked: Asked, pattern: string, rows: OptionRow[], before: Values | undefined): Promise<string> {
  const request = asked.request.trim();
  const stored = before?.plan ? { plan: before.plan, notes: before.notes ?? {} } : null;
  const thread = await client.threads.create({ metadata: { request: request.slice(0, 500), pattern }, graphId: pattern });
  await client.runs.create(thread.thread_id, pattern, {
    ...STREAM,
    input: { request, output: asked.output.trim(), ...(stored ? { stored } : {}) },
    context: optionsOf(asked, rows),
  });
  return thread.thread_id;
}

function Engine({ choices, model }: { choices: Choices | undefined; model: string }) {
  if (!choices) return null;
  const offline = model ? model.startsWith("offline") : choices.offline;
  return (
    <span className="muted hint end">
      {offline
        ? "No key is set: the offline engine answers. It is rules, not a language model."
        : `Answered by ${model || choices.models.capable}`}
    </span>
  );
}

function Examples({ choices, choose }: { choices: Choices | undefined; choose: (request: string) => void }) {
  return (
    <section className="examples" aria-label="Examples">
      <p className="eyebrow">Try one: the bundled videos answer it without a key</p>
      <ul className="bare">
        {choices?.examples.map((example) => (
          <li key={example}>
            <button type="button" onClick={() => choose(example)}>
              {example}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Patterns(props: { choices: Choices | undefined; value: string; set: (value: string) => void }) {
  const { choices } = props;
  const own = choices?.patterns.filter((row) => row.name !== choices.chosen || row.name !== "auto") ?? [];
  const among = [
    { value: CHOOSE, label: "Choose for me", about: choices ? chosen(choices) : "" },
    ...own.map((row) => ({ value: row.name, label: row.name, about: row.summary })),
  ];
  return <Radios title="How the agents work together" name="pattern" value={props.value} among={among} set={props.set} />;
}

/** What is taken for who does not choose, and why. */
function chosen(choices: Choices): string {
  const row = choices.patterns.find((one) => one.name === choices.chosen);
  const why = row?.plans ? "you see what will be done, and what it costs, before anything runs" : row?.summary;
  return `Takes ${choices.chosen}: ${why}.`.replace("..", ".");
}

function Where(props: { choices: Choices | undefined; value: string; set: (value: string) => void }) {
  const { choices } = props;
  const others = choices?.sources.filter((row) => row.name !== LIBRARY) ?? [];
  const among = [
    { value: OWN, label: "Your library", about: choices?.own_videos ? counted(choices.own_videos, "video") : "Empty so far: the samples answer" },
    { value: SAMPLES, label: "Bundled samples", about: choices ? `${counted(choices.sample_videos, "video")}, invented for trying things out` : "" },
    ...others.map((row) => ({ value: row.name, label: row.title, about: row.about })),
  ];
  return <Radios title="Where videos come from" name="library" value={props.value} among={among} set={props.set} />;
}

function More({ asked, set, rows }: { asked: Asked; set: (fields: Partial<Asked>) => void; rows: OptionRow[] }) {
  return (
    <details>
      <summary>More</summary>
      <div className="fields">
        <label>
          File name of the guide
          <input value={asked.output} placeholder="from the question" maxLength={200} onChange={(event) => set({ output: event.target.value })} />
        </label>
        <OptionFields rows={rows} answers={asked.answers} set={(answers) => set({ answers })} />
      </div>
    </details>
  );
}

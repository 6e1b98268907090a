/** Questions of a run to the person, as forms made from what they say of themselves. */
import { type FormEvent, useState } from "react";
import { words } from "../server/connection";
import type { Schema } from "../server/types";
import { Notice } from "../frame/parts";
import type { Asking } from "./watching";

interface Props {
  asking: Asking;
  answer: (value: Record<string, unknown>) => Promise<void>;
}

/** Ask: a choice, words, or the fields of the schema that the question comes with. */
export function QuestionForm({ asking, answer }: Props) {
  const [action] = asking.question.action_requests ?? [];
  const allowed = asking.question.review_configs?.[0]?.allowed_decisions ?? [];
  const [sent, setSent] = useState(false);
  const [error, setError] = useState("");
  const decide = (decision: Record<string, unknown>) => send({ decisions: [decision] });
  const send = (value: Record<string, unknown>) => {
    setSent(true);
    answer(value).catch((problem: unknown) => {
      setSent(false);
      setError(words(problem));
    });
  };
  const question = action?.args.question;
  return (
    <section className="card question" aria-labelledby={`ask-${asking.id}`}>
      <p className="eyebrow">The run asks you</p>
      <h2 id={`ask-${asking.id}`}>
        {typeof question === "string" ? question : (action?.name ?? "A decision").replaceAll("_", " ")}
      </h2>
      {action?.description && action.description !== question && (
        <p className="preline muted">{action.description}</p>
      )}
      {error && <Notice kind="error">{error}</Notice>}
      <fieldset disabled={sent} className="bare">
        {allowed.includes("respond") && (
          <Respond choices={choicesOf(action?.args)} send={(message) => decide({ type: "respond", message })} />
        )}
        {!action && asking.schema?.properties && <SchemaForm schema={asking.schema} send={send} />}
        {!action && !asking.schema?.properties && <FreeForm send={send} />}
        <div className="actions">
          {allowed.includes("approve") && (
            <button type="button" className="primary" onClick={() => decide({ type: "approve" })}>
              Approve
            </button>
          )}
          {allowed.includes("reject") && (
            <button type="button" onClick={() => decide({ type: "reject", message: "" })}>
              {allowed.includes("respond") ? "I cannot say" : "Reject"}
            </button>
          )}
        </div>
      </fieldset>
    </section>
  );
}

function choicesOf(args: Record<string, unknown> | undefined): string[] {
  return Array.isArray(args?.choices) ? args.choices.map(String) : [];
}

function Respond(props: { choices: string[]; send: (message: string) => void }) {
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) props.send(text.trim());
  };
  if (props.choices.length) {
    return (
      <div className="actions">
        {props.choices.map((choice) => (
          <button key={choice} type="button" onClick={() => props.send(choice)}>
            {choice}
          </button>
        ))}
      </div>
    );
  }
  return (
    <form onSubmit={submit} className="row">
      <label className="grow">
        Your answer
        <input value={text} onChange={(event) => setText(event.target.value)} autoFocus />
      </label>
      <button type="submit" className="primary" disabled={!text.trim()}>
        Answer
      </button>
    </form>
  );
}

/** An answer as JSON, where nothing says what it looks like. */
function FreeForm({ send }: { send: (value: Record<string, unknown>) => void }) {
  const [text, setText] = useState("{}");
  const value = objectIn(text);
  return (
    <label>
      Your answer, as JSON
      <textarea rows={3} value={text} aria-invalid={!value} onChange={(event) => setText(event.target.value)} />
      <button type="button" className="primary" disabled={!value} onClick={() => value && send(value)}>
        Send
      </button>
    </label>
  );
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A form for the simple fields of a JSON Schema. */
export function SchemaForm(props: { schema: Schema; send: (value: Record<string, unknown>) => void }) {
  const fields = Object.entries(props.schema.properties ?? {});
  const [value, setValue] = useState<Record<string, unknown>>(() =>
    Object.fromEntries(fields.flatMap(([name, row]) => (row.default === undefined ? [] : [[name, row.default]]))),
  );
  const missing = (props.schema.required ?? []).some((name) => value[name] === undefined || value[name] === "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.send(value);
  };
  return (
    <form onSubmit={submit} className="fields">
      {fields.map(([name, row]) => (
        <Field key={name} name={name} row={row} value={value[name]} set={(now) => setValue({ ...value, [name]: now })} />
      ))}
      <button type="submit" className="primary" disabled={missing}>
        Send
      </button>
    </form>
  );
}

function Field(props: { name: string; row: Schema; value: unknown; set: (value: unknown) => void }) {
  const { row, value, set } = props;
  const label = row.title ?? props.name.replaceAll("_", " ");
  if (row.type === "boolean") {
    return (
      <label className="check">
        <input type="checkbox" checked={value === true} onChange={(event) => set(event.target.checked)} />
        {label}
      </label>
    );
  }
  const text = value === undefined || value === null ? "" : String(value);
  const isNumber = row.type === "number" || row.type === "integer";
  const read = (said: string) => set(isNumber && said !== "" ? Number(said) : said);
  return (
    <label>
      {label}
      {row.enum ? (
        <select value={text} onChange={(event) => read(event.target.value)}>
          {row.enum.map((choice) => (
            <option key={String(choice)}>{String(choice)}</option>
          ))}
        </select>
      ) : (
        <input
          type={isNumber ? "number" : "text"}
          value={text}
          min={row.minimum}
          max={row.maximum}
          onChange={(event) => read(event.target.value)}
        />
      )}
      {row.description && <small className="muted">{row.description}</small>}
    </label>
  );
}

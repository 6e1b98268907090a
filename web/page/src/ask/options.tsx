/** Options of a run that a person sets in words and figures: on the first screen, and for a fork. */
import type { ReactNode } from "react";
import { DEFAULT_APPROVAL, DEFAULT_MAX_CALLS } from "../server/options";
import type { Options } from "../server/types";

/** What may be changed of any run, whatever its pattern; numbers as they are typed. */
export interface Bounds {
  approval: "ask" | "auto";
  max_calls: string;
  max_tokens: string;
  budget_usd: string;
}

export const BOUNDS: Bounds = {
  approval: DEFAULT_APPROVAL,
  max_calls: String(DEFAULT_MAX_CALLS),
  max_tokens: "",
  budget_usd: "",
};

/** Give the bounds that a run had. */
export function boundsOf(options: Options): Bounds {
  const text = (value: number | null | undefined) => (value === null || value === undefined ? "" : String(value));
  return {
    approval: options.approval ?? BOUNDS.approval,
    max_calls: text(options.max_calls ?? DEFAULT_MAX_CALLS),
    max_tokens: text(options.max_tokens),
    budget_usd: text(options.budget_usd),
  };
}

/** Give bounds as the server takes them. */
export function limited(bounds: Bounds): Options {
  const limit = (text: string) => (text.trim() === "" ? null : Number(text));
  return {
    approval: bounds.approval,
    max_calls: limit(bounds.max_calls) ?? DEFAULT_MAX_CALLS,
    max_tokens: limit(bounds.max_tokens),
    budget_usd: limit(bounds.budget_usd),
  };
}

interface RadioProps<T extends string> {
  title: string;
  name: string;
  value: T;
  among: { value: T; label: string; about: string }[];
  set: (value: T) => void;
}

/** One of several, each with a sentence. */
export function Radios<T extends string>({ title, name, value, among, set }: RadioProps<T>) {
  return (
    <fieldset>
      <legend>{title}</legend>
      {among.map((one) => (
        <label key={one.value} className="radio">
          <input type="radio" name={name} checked={one.value === value} onChange={() => set(one.value)} />
          <span>
            <strong>{one.label}</strong>
            <small className="muted">{one.about}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Must a person see the plan first? */
export function Approval(props: { value: Bounds["approval"]; set: (value: Bounds["approval"]) => void }) {
  const among = [
    { value: "ask" as const, label: "Show me the plan first", about: "Nothing runs before you approve" },
    { value: "auto" as const, label: "Run at once", about: "As soon as there is a valid plan" },
  ];
  return <Radios title="Approval" name="approval" value={props.value} among={among} set={props.set} />;
}

/** What a run may use up. */
export function Limits(props: { bounds: Bounds; set: (fields: Partial<Bounds>) => void; children?: ReactNode }) {
  const field = (name: "max_calls" | "max_tokens" | "budget_usd", label: string, step: string) => (
    <label>
      {label}
      <input type="number" min={0} step={step} inputMode="decimal" value={props.bounds[name]} placeholder={name === "max_calls" ? String(DEFAULT_MAX_CALLS) : "no limit"} onChange={(event) => props.set({ [name]: event.target.value })} />
    </label>
  );
  return (
    <fieldset>
      <legend>Limits</legend>
      <div className="fields pair">
        {field("max_calls", "Model calls", "1")}
        {field("budget_usd", "US dollars", "0.01")}
        {field("max_tokens", "Tokens", "1000")}
      </div>
      {props.children}
    </fieldset>
  );
}

/** The options of a run as fields of a form, made from what the server says of each. */
import type { OptionRow, Options } from "../server/types";

/** What is typed for each option, as text; "" for the default, "true" for a box that is checked. */
export type Answers = Partial<Record<keyof Options, string>>;

/** Give the answers that stand for the options that a run had; what is at its default is left out. */
export function answersOf(options: Options, rows: OptionRow[]): Answers {
  const changed = rows.filter((row) => (options[row.name] ?? row.default) !== row.default);
  return Object.fromEntries(changed.map((row) => [row.name, String(options[row.name])]));
}

/** Give answers as the server takes them; what is at its default is left out. */
export function answersTyped(answers: Answers, rows: OptionRow[]): Options {
  const typed = rows.filter((row) => answers[row.name]?.trim());
  return Object.fromEntries(typed.map((row) => [row.name, value(row, answers[row.name]?.trim() ?? "")]));
}

function value(row: OptionRow, text: string): boolean | number | string {
  if (row.kind === "flag") return text === "true";
  return row.kind === "number" ? Number(text) : text;
}

interface Props {
  rows: OptionRow[];
  answers: Answers;
  set: (answers: Answers) => void;
}

/** A field for each option, labelled by its title; its description is the field's tooltip. */
export function OptionFields({ rows, answers, set }: Props) {
  return rows.map((row) => (
    <OptionField key={row.name} row={row} text={answers[row.name] ?? ""} set={(text) => set({ ...answers, [row.name]: text })} />
  ));
}

function OptionField({ row, text, set }: { row: OptionRow; text: string; set: (text: string) => void }) {
  if (row.kind === "flag")
    return (
      <label className="check" title={row.about}>
        <input type="checkbox" checked={text === "true"} onChange={(event) => set(event.target.checked ? "true" : "")} />
        {row.title}
      </label>
    );
  return (
    <label title={row.about}>
      {row.title}
      {row.kind === "choice" ? (
        <select value={text || String(row.default)} onChange={(event) => set(event.target.value)}>
          {row.choices.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      ) : (
        <input
          value={text}
          placeholder={String(row.default || "the default")}
          maxLength={200}
          onChange={(event) => set(event.target.value)}
          {...(row.kind === "number" ? { type: "number", min: row.least ?? undefined, max: row.most ?? undefined } : {})}
        />
      )}
    </label>
  );
}

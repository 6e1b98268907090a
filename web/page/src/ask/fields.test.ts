import { expect, it } from "vitest";
import type { OptionRow } from "../server/types";
import { answersOf, answersTyped } from "./fields";

const row = (name: OptionRow["name"], kind: OptionRow["kind"], value: OptionRow["default"]): OptionRow => ({
  name,
  kind,
  default: value,
  title: name,
  about: "",
  choices: [],
  least: null,
  most: null,
  patterns: [],
});

const ROWS = [row("annotate", "flag", false), row("max_steps", "number", 60), row("dispatch", "choice", "eager"), row("model", "text", "")];

it.each([
  {},
  { annotate: true, max_steps: 7, dispatch: "levels" as const, model: "offline:rules" },
])("gives the options of a run back as they were", (options) => {
  expect(answersTyped(answersOf(options, ROWS), ROWS)).toEqual(options);
});

it("leaves out what is empty or at its default", () => {
  expect(answersTyped({ max_steps: " ", model: "", annotate: "" }, ROWS)).toEqual({});
  expect(answersOf({ max_steps: 60, annotate: false, model: "" }, ROWS)).toEqual({});
});

import { expect, it } from "vitest";
import { DEFAULT_MAX_CALLS } from "../server/options";
import { BOUNDS, boundsOf, limited } from "./options";

it("takes an empty field for no limit, but for the one that there must be", () => {
  expect(limited({ ...BOUNDS, max_calls: " ", budget_usd: "", max_tokens: "" })).toEqual({
    approval: "ask",
    max_calls: DEFAULT_MAX_CALLS,
    max_tokens: null,
    budget_usd: null,
  });
});

it.each([
  { approval: "auto" as const, max_calls: 0, max_tokens: 5000, budget_usd: 0.25 },
  { approval: "ask" as const, max_calls: 7, max_tokens: null, budget_usd: 0 },
])("gives the bounds of a run back as they were", (options) => {
  expect(limited(boundsOf(options))).toEqual(options);
});

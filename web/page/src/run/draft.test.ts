import { describe, expect, it } from "vitest";
import type { Agent, Plan } from "../server/types";
import { added, changed, faultsOf, read, withInput, without, written } from "./draft";

const PLAN: Plan = {
  goal: "g",
  steps: [
    { id: "search", agent: "search", inputs: { query: "a", limit: 2 } },
    { id: "read", agent: "transcript", for_each: "$search.videos[:2]", inputs: { video_id: "$item.video_id" } },
    { id: "write", agent: "compose", inputs: { claims: ["$read.claims", "$other.claims"] }, depends_on: ["read"] },
  ],
};
const AGENT: Agent = {
  name: "search",
  about: "",
  tier: "cheap",
  gives: {},
  inputs: [
    { name: "query", kind: "str", required: true, about: "" },
    { name: "limit", kind: "int", required: false, about: "" },
  ],
};

describe("editing a plan", () => {
  it("leaves the plan that it began with as it was", () => {
    const before = JSON.stringify(PLAN);
    changed(PLAN, "search", { brief: "b" });
    withInput(PLAN, "search", "query", "x");
    without(PLAN, "read");
    added(PLAN, AGENT);
    expect(JSON.stringify(PLAN)).toBe(before);
  });
  it("sets and takes out inputs", () => {
    const step = (plan: Plan) => plan.steps?.[0]?.inputs;
    expect(step(withInput(PLAN, "search", "limit", 5))).toEqual({ query: "a", limit: 5 });
    expect(step(withInput(PLAN, "search", "limit", undefined))).toEqual({ query: "a" });
  });
  it("takes a step out with what merely waits for it or lists it", () => {
    const plan = without(PLAN, "read");
    expect(plan.steps?.map((step) => step.id)).toEqual(["search", "write"]);
    expect(plan.steps?.[1]).toMatchObject({ depends_on: [], inputs: { claims: ["$other.claims"] } });
  });
  it("does not take $step_10 for $step_1", () => {
    const plan: Plan = { steps: [{ id: "b", agent: "x", inputs: { list: ["$step_10.a", "$step_1.a"] } }] };
    expect(without(plan, "step_1").steps?.[0]?.inputs).toEqual({ list: ["$step_10.a"] });
  });
  it("gives a new step a free id and its required inputs", () => {
    const [plan, id] = added(PLAN, AGENT);
    expect(id).toBe("search_2");
    expect(plan.steps?.at(-1)).toEqual({ id: "search_2", agent: "search", inputs: { query: "" } });
  });
});

describe("typing a value", () => {
  it("keeps text as it is, whatever it looks like", () => expect(read("3", "str")).toBe("3"));
  it("reads numbers and lists where no text is wanted", () => {
    expect(read("3", "int")).toBe(3);
    expect(read('["a"]', "a list of str")).toEqual(["a"]);
  });
  it("keeps a reference", () => expect(read("$a.videos", "a list of Video")).toBe("$a.videos"));
  it.each(["x", 3, ["a", 1], { a: null }, true])("gives %j back as it was written", (value) =>
    expect(read(written(value), "Any")).toEqual(value),
  );
});

it("finds the faults of a field and of what is in it, and no others", () => {
  const fault = (step: string, field: string) => ({ step, field, message: "" });
  const all = [fault("a", "inputs.query"), fault("a", "inputs.queries"), fault("b", "inputs.query"), fault("a", "inputs.query.0")];
  expect(faultsOf(all, "a", "inputs.query").map((row) => row.field)).toEqual(["inputs.query", "inputs.query.0"]);
});

import { describe, expect, it } from "vitest";
import type { Event, ModelCall, StepResult, Values } from "../server/types";
import { follow, gave, NOTHING, spent, standing } from "./progress";

const result = (id: string, status: StepResult["status"] = "done"): StepResult => ({
  id,
  agent: "search",
  status,
  output: status === "done" ? { videos: [1, 2] } : null,
  failure: status === "failed" ? { kind: "timeout", message: "Too slow.", next_step: "Wait." } : null,
  skip: null,
  shortfall: "",
  started: 1,
  seconds: 2,
});
const call = (id: string, usd: number | null): ModelCall => ({
  id,
  role: "planner",
  kind: "coordination",
  step: "",
  tier: "cheap",
  model: "m",
  method: "",
  input_tokens: 10,
  output_tokens: 5,
  usd,
  seconds: 0,
  started: 0,
  error: "",
});

describe("following events", () => {
  it("tells how each step stands", () => {
    const events: Event[] = [
      { kind: "step_waiting", id: "a", agent: "search" },
      { kind: "step_waiting", id: "b", agent: "search" },
      { kind: "step_started", id: "a", agent: "search" },
      { kind: "step_ended", result: result("c", "failed") },
    ];
    const steps = follow(NOTHING, events, 7).steps;
    expect(steps.a).toMatchObject({ phase: "running", since: 7 });
    expect(steps.b?.phase).toBe("waiting");
    expect(steps.c?.phase).toBe("failed");
  });
  it("keeps a step done that is sent again to hand on its result", () => {
    const events: Event[] = [
      { kind: "step_ended", result: result("a") },
      { kind: "step_waiting", id: "a", agent: "search" },
    ];
    expect(follow(NOTHING, events, 0).steps.a?.phase).toBe("done");
  });
  it("counts a call once that is told twice", () => {
    const told: Event = { kind: "model_called", call: call("1", 0) };
    expect(Object.keys(follow(NOTHING, [told, told], 0).calls)).toHaveLength(1);
  });
  it("lets kinds pass that it does not know", () => {
    expect(follow(NOTHING, [{ kind: "of tomorrow" } as unknown as Event], 0)).toEqual(NOTHING);
  });
  it("says why a step failed", () => {
    const lines = follow(NOTHING, [{ kind: "step_ended", result: result("a", "failed") }], 0).lines;
    expect(lines.at(-1)?.text).toBe("a failed: Too slow. Wait.");
  });
});

describe("joining state and events", () => {
  it("shows what only the state knows after a reload", () => {
    const values: Values = { results: { a: result("a") }, ledger: [call("1", 0)] };
    const joined = standing(values, NOTHING, false);
    expect(joined.steps.a?.phase).toBe("done");
    expect(joined.calls).toHaveProperty("1");
  });
  it("gives up what was under way when the run ended", () => {
    const told = follow(NOTHING, [{ kind: "step_started", id: "a", agent: "search" }], 0);
    expect(standing({}, told, true).steps).toEqual({});
    expect(standing({}, told, false).steps).toHaveProperty("a");
  });
  it("tells what an earlier run of the thread did from what this one does", () => {
    const plan = { steps: [{ id: "a", agent: "search" }] };
    const estimate = { steps: {}, total: { calls: 0, input_tokens: 0, output_tokens: 0, usd: null, seconds: 0 }, critical_path: [], seconds: 0 };
    const first = { number: 1, by: "earlier", plan, reason: "", changes: [], estimate };
    const results = { "a[1]": result("a[1]"), b: result("b") };
    const of = (by: string) => standing({ revisions: [{ ...first, by }], results }, NOTHING, true).steps;
    expect(of("earlier")["a[1]"]?.earlier).toBe(true);
    expect(of("earlier").b?.earlier).toBeUndefined();
    expect(of("planner")["a[1]"]?.earlier).toBeUndefined();
  });
  it("shows a notice once", () => {
    const told = follow(NOTHING, [{ kind: "notice", where: "w", what: "x" }], 0);
    expect(standing({ incidents: [{ where: "w", what: "x" }] }, told, false).notices).toHaveLength(1);
  });
});

it("knows no sum where a price is not known", () => {
  expect(spent([call("1", 0.5), call("2", 0.25)])).toEqual({ calls: 2, tokens: 30, usd: 0.75 });
  expect(spent([call("1", 0.5), call("2", null)]).usd).toBeNull();
});

it("counts what came of a step", () => {
  expect(gave(result("a"))).toBe(": 2 videos");
  expect(gave({ ...result("a"), output: { videos: [1] } })).toBe(": 1 video");
});

import { expect, it } from "vitest";
import { ago, clock, dollars, duration } from "./format";
import { realPath } from "./run/paths";
import type { StepAudit } from "./server/types";

it.each([
  [0, "free"],
  [null, "price not known"],
  [0.00001, "under $0.0001"],
  [0.0123, "$0.0123"],
  [0.05, "$0.05"],
  [2.5, "$2.50"],
])("writes %s dollars", (usd, text) => expect(dollars(usd)).toBe(text));

it.each([
  [0, "0 s"],
  [0.016, "16 ms"],
  [2.55, "2.5 s"],
  [59.4, "59 s"],
  [125, "2 min 5 s"],
  [7260, "2 h 1 min"],
])("writes %s seconds", (seconds, text) => expect(duration(seconds)).toBe(text));

it.each([
  [754.9, "12:34"],
  [3661, "1:01:01"],
  [5, "0:05"],
])("writes a clip's second %s", (seconds, text) => expect(clock(seconds)).toBe(text));

it("says how long ago something was", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(ago("2026-11-21T11:59:30Z", now)).toBe("just now");
  expect(ago("2026-11-21T11:30:00Z", now)).toBe("30 min ago");
  expect(ago("2026-11-19T12:00:00Z", now)).toBe("19 Nov 2026");
});

it("finds what the end of a run waited for", () => {
  const row = (id: string, started: number | null, seconds: number, needs: string[] = []) =>
    ({ id, started, needs, actual: { seconds }, superseded: false }) as unknown as StepAudit;
  const audit = [row("a", 0, 1), row("b", 0, 3), row("c", 3, 1, ["a", "b"]), row("d", 1, 1, ["a"]), row("e", null, 0)];
  expect(realPath(audit)).toEqual(["b", "c"]);
  expect(realPath([])).toEqual([]);
});

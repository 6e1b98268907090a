/** How a run stands: what its state holds, and what its events told since. */
import type { Event, Incident, ModelCall, Move, Revision, StepResult, StepStatus, Values } from "../server/types";

export type Phase = "waiting" | "running" | "asking" | StepStatus;

/** A step as it goes on. */
export interface Going {
  phase: Phase;
  agent: string;
  /** When it began to work, by this browser's clock; 0 if that was before we watched. */
  since: number;
  /** How far it came: "3 of 6 transcripts read". */
  part?: string;
  result?: StepResult;
  /** Did an earlier run of the thread do it? */
  earlier?: boolean;
}

/** A line of what happened. */
export interface Line {
  key: string;
  text: string;
  kind: "step" | "failed" | "notice" | "call" | "plan" | "file" | "claim";
}

export interface Progress {
  /** The last plan that was told of: the state has it only when the step that made it ends. */
  revision?: Revision;
  steps: Record<string, Going>;
  calls: Record<string, ModelCall>;
  notices: Incident[];
  /** How many claims were found so far. */
  claims: number;
  path: Move[];
  lines: Line[];
}

export const NOTHING: Progress = { steps: {}, calls: {}, notices: [], claims: 0, path: [], lines: [] };

const MOST_LINES = 200;

/** Take in events; `now` is 0 where they tell of what was before. */
export function follow(before: Progress, events: Event[], now: number): Progress {
  return events.reduce((progress, event) => taken(progress, event, now), before);
}

function taken(progress: Progress, event: Event, now: number): Progress {
  const told = lined(progress, event);
  switch (event.kind) {
    case "plan_made": {
      const kept = Object.entries(told.steps).filter(([id]) => event.finished.includes(id));
      return { ...told, revision: event.revision, steps: Object.fromEntries(kept) };
    }
    case "step_waiting":
      return step(told, event.id, { phase: "waiting", agent: event.agent, since: 0 });
    case "step_started":
      return step(told, event.id, { phase: "running", agent: event.agent, since: now });
    case "step_ended":
      return step(told, event.result.id, ended(event.result));
    case "model_called":
      return { ...told, calls: { ...told.calls, [event.call.id]: event.call } };
    case "notice":
      return { ...told, notices: [...told.notices, { where: event.where, what: event.what }] };
    case "step_progress": {
      const part = `${event.done} of ${event.of} ${event.what}`;
      const before = told.steps[event.id] ?? { phase: "running", agent: event.agent, since: 0 };
      return step(told, event.id, { ...before, part });
    }
    case "claim_found":
      return { ...told, claims: told.claims + 1 };
    case "moved":
      return { ...told, path: [...told.path, event.move] };
    default:
      return told;
  }
}

function step(progress: Progress, id: string, going: Going): Progress {
  // A step that is done stays so: it may be sent again only to hand on its result.
  if (progress.steps[id]?.phase === "done" && going.phase === "waiting") return progress;
  return { ...progress, steps: { ...progress.steps, [id]: going } };
}

function ended(result: StepResult): Going {
  return { phase: result.status, agent: result.agent, since: 0, result };
}

function lined(progress: Progress, event: Event): Progress {
  const said = line(event);
  if (!said) return progress;
  const key = `${progress.lines.length}-${event.kind}`;
  return { ...progress, lines: [...progress.lines, { ...said, key }].slice(-MOST_LINES) };
}

function line(event: Event): Omit<Line, "key"> | null {
  switch (event.kind) {
    case "plan_made":
      return { kind: "plan", text: `Plan ${event.revision.number} by the ${event.revision.by}` };
    case "step_started":
      return { kind: "step", text: `${event.id} started` };
    case "step_ended":
      return event.result.status === "done"
        ? { kind: "step", text: `${event.result.id} is done${gave(event.result)}` }
        : { kind: "failed", text: `${event.result.id} ${event.result.status}: ${reason(event.result)}` };
    case "model_called":
      return { kind: "call", text: `${event.call.role} asked ${event.call.model}` };
    case "notice":
      return { kind: "notice", text: `${event.where}: ${event.what}` };
    case "claim_found":
      return { kind: "claim", text: `${event.step} found: ${event.claim.text}` };
    case "moved":
      return { kind: "plan", text: `${event.move.by}: ${event.move.intent || event.move.turn}` };
    case "file_written":
      return { kind: "file", text: `Written: ${event.path.split("/").at(-1)}` };
    default:
      return null;
  }
}

/** Say why a step is not done, or what its result lacks. */
export function reason(result: StepResult): string {
  if (result.failure) return `${result.failure.message} ${result.failure.next_step}`.trim();
  return result.skip?.message ?? [result.shortfall, result.lacks].filter(Boolean).join(" ");
}

/** Say in a few words what came of a step. */
export function gave(result: StepResult): string {
  const lists = Object.entries(result.output ?? {}).filter(([, value]) => Array.isArray(value));
  const parts = lists
    .map(([name, value]) => [name, (value as unknown[]).length] as const)
    .filter(([, length]) => length > 0)
    .map(([name, length]) => listed(length, name));
  return parts.length ? `: ${parts.slice(0, 3).join(", ")}` : "";
}

/** A number with the plural that a field is named by: 1 "videos" is one video. */
export function listed(length: number, name: string): string {
  const noun = name.replaceAll("_", " ");
  return `${length} ${length === 1 ? noun.replace(/s$/, "") : noun}`;
}

/** Join what the state holds with what the events told. */
export function standing(values: Values, told: Progress, over: boolean): Progress {
  const old = earlierSteps(values);
  const kept = Object.values(values.results ?? {}).map(
    (row) => [row.id, old.has(row.id.replace(/\[\d+\]$/, "")) ? { ...ended(row), earlier: true } : ended(row)] as const,
  );
  const calls = (values.ledger ?? []).map((call) => [call.id, call] as const);
  const seen = new Set((values.incidents ?? []).map((row) => row.where + row.what));
  return {
    revision: latest(values.revisions?.at(-1), told.revision),
    steps: { ...Object.fromEntries(kept), ...newer(told.steps, over) },
    calls: { ...Object.fromEntries(calls), ...told.calls },
    notices: [
      ...(values.incidents ?? []),
      ...told.notices.filter((row) => !seen.has(row.where + row.what)),
    ],
    claims: told.claims,
    path: (values.path?.length ?? 0) >= told.path.length ? (values.path ?? []) : told.path,
    lines: told.lines,
  };
}

/** The steps that earlier runs of the thread left to this one. */
function earlierSteps(values: Values): Set<string> {
  const [first] = values.revisions ?? [];
  return new Set(first?.by === "earlier" ? first.plan.steps?.map((step) => step.id) : []);
}

function latest(kept: Revision | undefined, told: Revision | undefined): Revision | undefined {
  return kept && told && kept.number >= told.number ? kept : (told ?? kept);
}

function newer(steps: Record<string, Going>, over: boolean): Record<string, Going> {
  // When a run has ended, its state alone says how: a step that was under way was given up.
  if (!over) return steps;
  return Object.fromEntries(Object.entries(steps).filter(([, going]) => going.result));
}

/** Show which steps wait for a person. */
export function withAsking(steps: Record<string, Going>, asking: string[]): Record<string, Going> {
  const waiting = asking.map((id) => [id, { phase: "asking", agent: "", since: 0 }] as const);
  return { ...steps, ...Object.fromEntries(waiting) };
}

/** Add calls up; one unknown price makes the sum unknown. */
export function spent(calls: ModelCall[]): { calls: number; tokens: number; usd: number | null } {
  const prices = calls.map((call) => call.usd);
  return {
    calls: calls.length,
    tokens: calls.reduce((sum, call) => sum + call.input_tokens + call.output_tokens, 0),
    usd: prices.some((usd) => usd === null) ? null : prices.reduce<number>((a, b) => a + (b ?? 0), 0),
  };
}

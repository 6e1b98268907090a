/** What the server says, in TypeScript: the values of state/, as they come over the wire. */
import type { Options } from "./options";

export type { Options } from "./options";

export type Status = "complete" | "partial" | "failed";
export type Tier = "powerful" | "capable" | "cheap";
export type StepStatus = "done" | "failed" | "skipped";

export interface Expectation {
  field: string;
  at_least?: number;
  only?: string;
  distinct?: string;
}

/** A step of a plan; what has its default may be missing. */
export interface Step {
  id: string;
  agent: string;
  brief?: string;
  inputs?: Record<string, unknown>;
  depends_on?: string[];
  for_each?: string | null;
  tier?: Tier | null;
  accept_partial?: boolean | null;
  expect?: Expectation[];
}

export interface Plan {
  goal?: string;
  steps?: Step[];
}

export interface Fault {
  step: string;
  field: string;
  message: string;
}

export interface Change {
  kind: "added" | "removed" | "changed";
  step: string;
  field: string;
  before: unknown;
  after: unknown;
}

export interface Cost {
  calls: number;
  input_tokens: number;
  output_tokens: number;
  usd: number | null;
  seconds: number;
}

export interface Estimate {
  steps: Record<string, Cost>;
  total: Cost;
  critical_path: string[];
  seconds: number;
}

/** A step as it runs: a mapped step has several. */
/** Return the step of an instance: "fetch[0]" is one of "fetch". */
export function stepOf(instance: string): string {
  return instance.replace(/\[\d+\]$/, "");
}

export interface Instance {
  id: string;
  agent: string;
  brief: string;
  inputs: Record<string, unknown>;
  element: string;
  needs: string[];
  tier: Tier;
}

export interface Revision {
  number: number;
  /** planner, person or file; the coordinator where the plan grows as the run goes; earlier: what the thread's runs before found. */
  by: string;
  plan: Plan;
  reason: string;
  changes: Change[];
  estimate: Estimate;
}

export interface Failure {
  kind: string;
  message: string;
  next_step: string;
}

export interface StepResult {
  id: string;
  agent: string;
  status: StepStatus;
  output: Record<string, unknown> | null;
  failure: Failure | null;
  skip: { kind: string; message: string } | null;
  shortfall: string;
  lacks?: string;
  started: number;
  seconds: number;
}

export interface ModelCall {
  id: string;
  role: string;
  kind: "coordination" | "work";
  step: string;
  tier: Tier;
  model: string;
  method: string;
  input_tokens: number;
  output_tokens: number;
  usd: number | null;
  seconds: number;
  started: number;
  error: string;
}

export interface Share {
  calls: number;
  input_tokens: number;
  output_tokens: number;
  usd: number | null;
}

export interface Usage extends Share {
  by_role: Record<string, Share>;
  coordination: Share;
  work: Share;
}

export interface Incident {
  where: string;
  what: string;
}

export interface Citation {
  video_id: string;
  start: number;
  end: number;
  quote: string;
}

export interface Claim {
  id: string;
  text: string;
  section: string;
  citations: Citation[];
  verified: boolean;
  reason: string;
}

/** Words of a guide, and the ids of the claims that they rest on. */
export interface Sentence {
  text: string;
  claims: string[];
}

export type Block =
  | { kind: "paragraph"; sentences: Sentence[] }
  | { kind: "steps" | "bullets"; items: Sentence[] }
  | { kind: "table"; columns: string[]; rows: { label: string; cells: Sentence[] }[] }
  | { kind: "code"; code: Sentence }
  | { kind: "quote"; words: Sentence };

/** How a wanted fact stands. */
export type Standing = "answered" | "silent" | "not_found" | "unverified";

/** What is optional came later: guides that were made before lack it. */
export interface Guide {
  title: string;
  kind?: "composed" | "found" | "excerpts" | "videos";
  answer?: Sentence[];
  sections?: { heading: string; blocks: Block[] }[];
  claims: Claim[];
  conflicts: { topic: string; claims: string[] }[];
  unanswered: string[];
  facts?: { fact: string; cells: { source: string; standing: Standing; claims: string[] }[] }[];
  coverage: { channel: string; cited: boolean; reason: string; standing?: Standing | null }[];
  unverified: Claim[];
  /** The videos, where they and nothing of what is said in them were asked for. */
  videos?: Source[];
}

export interface Source {
  video_id: string;
  title: string;
  channel: string;
  url: string;
}

/** One decision of a run that decides as it goes. */
export interface Move {
  by: string;
  turn: string;
  to: string[];
  intent: string;
  reason: string;
}

/** One turn of a conversation: a run of the thread that has ended. */
export interface Exchange {
  request: string;
  status: Status;
  answer: string;
}

/** A checkpoint at which a decision was about to be taken. */
export interface Point {
  checkpoint_id: string;
  kind: "approval" | "decision";
  by: string;
  request: string;
  number: number;
  moves: Move[];
  created: string;
}

/** The state of a run. */
export interface Values {
  request?: string;
  pattern?: string;
  options?: Options;
  run?: string;
  started?: number;
  plan?: Plan;
  notes?: Record<string, unknown>;
  revisions?: Revision[];
  dispatched?: number;
  results?: Record<string, StepResult>;
  ledger?: ModelCall[];
  incidents?: Incident[];
  path?: Move[];
  conversation?: Exchange[];
  stop?: { reason: string; message: string; next_step: string } | null;
  status?: Status;
  stop_reason?: string;
  message?: string;
  guide?: Guide | null;
  usage?: Usage;
  files?: string[];
  /** Id of its trace at LangSmith; empty where it was not traced. */
  trace?: string;
}

/** What a run says while it goes on. Kinds that this page does not know are let pass. */
export type Event =
  | { kind: "plan_made"; revision: Revision; estimate: Estimate; finished: string[] }
  | { kind: "step_waiting" | "step_started"; id: string; agent: string }
  | { kind: "step_ended"; result: StepResult }
  | { kind: "model_called"; call: ModelCall }
  | { kind: "notice"; where: string; what: string }
  | { kind: "file_written"; path: string }
  | { kind: "step_progress"; id: string; agent: string; done: number; of: number; what: string }
  | { kind: "claim_found"; step: string; claim: Claim }
  | { kind: "moved"; move: Move }
  | { kind: "run_ended"; status: Status; stop_reason: string; message: string };

/** A question to the person, in the shape of LangChain's human-in-the-loop middleware. */
export interface Question {
  action_requests?: { name: string; args: Record<string, unknown>; description?: string }[];
  review_configs?: { action_name: string; allowed_decisions: string[] }[];
}

/** As much of JSON Schema as a form shows. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
}

export interface StepAudit {
  id: string;
  planned_agent: string;
  agent: string;
  brief: string;
  inputs: Record<string, unknown>;
  needs: string[];
  outcome: StepStatus | null;
  reason: string;
  gave: Record<string, unknown>;
  planned: Cost;
  actual: Cost;
  started: number | null;
  revision: number;
  superseded: boolean;
}

export interface Trail {
  thread_id: string;
  run_id: string;
  request: string;
  pattern: string;
  status: Status;
  stop_reason: string;
  stop_message: string;
  engine: string;
  options: Record<string, unknown>;
  guide: Guide | null;
  left_out: { claim: Claim; reason: string }[];
  sources: Source[];
  revisions: Revision[];
  estimate: Estimate | null;
  audit: StepAudit[];
  incidents: Incident[];
  ledger: ModelCall[];
  usage: Usage;
  path?: Move[];
  timing: {
    started: number;
    ended: number;
    seconds: number;
    planned_seconds: number;
    critical_path: string[];
  };
}

export interface Video {
  video_id: string;
  title: string;
  channel: string;
  url: string;
  published: string | null;
  duration_s: number;
  language: string;
  captions: "manual" | "auto" | "none" | "unknown";
}

export interface Segment {
  start: number;
  duration: number;
  text: string;
}

export interface Transcript {
  video: Video;
  segments: Segment[];
  provenance: string;
}

export interface Clip {
  video: Video;
  lines: { segment: Segment; cited: boolean }[];
  invented: boolean;
}

export interface Hit {
  video: Video;
  index: number;
  segment: Segment;
}

/** An option of a run that the form asks for in the same way as any other. */
export interface OptionRow {
  name: keyof Options;
  title: string;
  about: string;
  kind: "flag" | "choice" | "number" | "text";
  default: boolean | number | string | null;
  choices: string[];
  least: number | null;
  most: number | null;
  patterns: string[];
}

export interface Choices {
  patterns: { name: string; summary: string; plans: boolean; remembers: boolean }[];
  sources: { name: string; title: string; about: string; network: boolean }[];
  options: OptionRow[];
  chosen: string;
  examples: string[];
  models: Record<Tier, string>;
  offline: boolean;
  own_videos: number;
  sample_videos: number;
}

export interface Agent {
  name: string;
  about: string;
  tier: Tier;
  inputs: { name: string; kind: string; required: boolean; about: string }[];
  gives: Record<string, string>;
}

/** A run that the command line began. */
export interface LocalRun {
  thread_id: string;
  request: string;
  pattern: string;
  status: string;
  updated: number;
}

export interface Checked {
  faults: Fault[];
  changes: Change[];
  instances: Instance[];
  estimate: Estimate | null;
}

export interface Imported {
  video: Video | null;
  problem: { path: string; reason: string; next_step: string } | null;
}

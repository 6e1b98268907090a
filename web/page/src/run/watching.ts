/** Watching a run: joins it where it goes on, and sees what other tabs and programs do with it. */
import { useStream, type UseStreamThread } from "@langchain/langgraph-sdk/react";
import type { Interrupt, Run, ThreadState } from "@langchain/langgraph-sdk";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { client, SEEN, STREAM, useReturns, words } from "../server/connection";
import { useLoaded } from "../server/loading";
import type { Event, Options, Question, Schema, Values } from "../server/types";
import { follow, NOTHING, type Progress, standing } from "./progress";

const LOOK_MS = 2_000;
const FLUSH_MS = 60;
const REPLAY_MS = 500;
const ACTIVE = new Set(["pending", "running"]);
export interface Asking {
  id: string;
  question: Question;
  /** What an answer looks like, where the question says it. */
  schema?: Schema;
}

export interface Watched {
  values: Values;
  progress: Progress;
  /** asking: a person must answer; stopped: it ended before its tail, and can go on. */
  stands: "loading" | "asking" | "running" | "stopped" | "ended" | "gone";
  asking: Asking[];
  /** Why the run could not be watched or carried out. */
  error: string;
  /** Give an answer: whatever the question's schema says. */
  answer: (id: string, value: Record<string, unknown>) => Promise<void>;
  /** Ask a follow-up on the same thread. */
  ask: (request: string) => Promise<void>;
  cancel: () => Promise<void>;
  resume: () => Promise<void>;
}

/** Tell a question from the same one asked again because its answer was not understood. */
export function keyOf(asking: Asking): string {
  return `${asking.id}:${asking.question.action_requests?.[0]?.description ?? ""}`;
}

/** Give a thread's last state, loaded again when asked. */
function useHead(threadId: string): UseStreamThread<Record<string, unknown>> {
  const [found, setFound] = useState<{ data?: ThreadState[]; error?: unknown }>({});
  const mutate = useCallback(async () => {
    try {
      const state = await client.threads.getState(threadId);
      setFound({ data: [state as ThreadState] });
      return [state as ThreadState<Record<string, unknown>>];
    } catch (error) {
      setFound((before) => ({ ...before, error }));
      return undefined;
    }
  }, [threadId]);
  return useMemo(
    () =>
      ({ ...found, isLoading: !found.data && !found.error, mutate }) as UseStreamThread<
        Record<string, unknown>
      >,
    [found, mutate],
  );
}

/** Collect events, and hand them on a few at a time. */
function useEvents(): [Progress, (event: Event) => void, (at: number) => void] {
  const [progress, setProgress] = useState(NOTHING);
  const queue = useRef<Event[]>([]);
  const timer = useRef(0);
  const live = useRef(0);
  const flush = useCallback(() => {
    const events = queue.current;
    queue.current = [];
    timer.current = 0;
    const now = Date.now() > live.current ? Date.now() : 0;
    setProgress((before) => follow(before, events, now));
  }, []);
  const take = useCallback(
    (event: Event) => {
      queue.current.push(event);
      timer.current ||= window.setTimeout(flush, FLUSH_MS);
    },
    [flush],
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  const liveFrom = useCallback((at: number) => {
    live.current = at;
  }, []);
  return [progress, take, liveFrom];
}

type Latest = { current: Run | undefined };

/** Join the run that goes on, if one does, and tell when that is settled. Once for each mounting. */
function useBeginning(
  threadId: string,
  latest: Latest,
  load: () => Promise<unknown>,
  join: (run: Run) => void,
  fail: (why: string) => void,
): boolean {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const begin = async () => {
      await foundAgain(threadId);
      const [, runs] = await Promise.all([load(), client.runs.list(threadId, { limit: 1 })]);
      const [run] = runs;
      latest.current = run;
      if (run && ACTIVE.has(run.status)) join(run);
      else if (run?.status === "error") fail(await reasonOf(threadId));
    };
    begin()
      .catch((error: unknown) => fail(words(error)))
      .finally(() => setReady(true));
    // Whoever wants it anew mounts anew.
  }, [threadId]);
  return ready;
}

/** Give the options that a fork was given: the state has those of the run that it comes from. */
function useForkOptions(threadId: string): Options | undefined {
  const found = useLoaded(`thread${threadId}`, async () => (await client.threads.get(threadId)).metadata ?? {});
  return found.error ? NO_OPTIONS : found.data && ((found.data.options as Options | undefined) ?? NO_OPTIONS);
}

const NO_OPTIONS: Options = {};

/** Give a thread's values, and remember in this tab that they were seen. */
function useValues(threadId: string, state: ThreadState | undefined, options: Options | undefined): Values {
  const values = useMemo(() => {
    const held = (state?.values ?? {}) as Values;
    return { ...held, options: { ...held.options, ...options } };
  }, [state, options]);
  useEffect(() => {
    if (values.pattern) sessionStorage.setItem(SEEN + threadId, values.pattern);
  }, [values.pattern, threadId]);
  return values;
}

/** Watch a run until the component is gone; `again` begins anew where what is shown may be old. */
export function useRun(threadId: string, again: () => void): Watched {
  const head = useHead(threadId);
  const { mutate } = head;
  const [told, take, liveFrom] = useEvents();
  const latest: Latest = useRef<Run | undefined>(undefined);
  const [failed, setFailed] = useState("");
  const stream = useStream<Record<string, unknown>>({
    client,
    assistantId: "planner",
    threadId,
    thread: head,
    throttle: true,
    onCustomEvent: (event) => take(event as Event),
    onError: (error) => setFailed(words(error)),
  });
  const join = (run: Run, replayed: boolean) => {
    latest.current = run;
    liveFrom(replayed ? Date.now() + REPLAY_MS : 0);
    return stream.joinStream(run.run_id);
  };
  const ready = useBeginning(threadId, latest, mutate, (run) => void join(run, true), setFailed);
  // What streams are the results only; the state itself is read whenever it may have changed.
  useEffect(() => {
    if (stream.isLoading) void mutate();
  }, [stream.values, stream.isLoading, mutate]);
  useOthers(threadId, stream.isLoading || !ready, latest, again);
  useReturned(again);

  const state = (head.data as ThreadState[] | undefined)?.[0];
  const options = useForkOptions(threadId);
  const values = useValues(threadId, state, options);
  const started = async (command?: { resume: unknown }) => {
    const pattern = values.pattern ?? String(latest.current?.assistant_id ?? "planner");
    const what = { ...(command ? { command } : { input: null }), context: options ?? {} };
    setFailed("");
    await join(await client.runs.create(threadId, pattern, { ...STREAM, ...what }), false);
  };
  const ask = async (request: string) => {
    const given = { input: { request }, context: values.options ?? {} };
    await client.runs.create(threadId, values.pattern ?? "planner", { ...STREAM, ...given });
    again();
  };
  const cancel = async () => {
    if (latest.current) await client.runs.cancel(threadId, latest.current.run_id, true);
    again();
  };
  // Of several questions at once the stream keeps the last; the state has them all.
  const asking = stream.isLoading ? [] : questionsOf(state);
  const stands = standingOf({
    loading: !ready || !options || (head.isLoading && !state),
    running: stream.isLoading,
    asking: asking.length > 0,
    over: Boolean(values.status) && !state?.next.length,
    found: Boolean(state),
  });
  return {
    values,
    progress: useMemo(() => standing(values, told, stands === "ended"), [values, told, stands]),
    stands,
    asking,
    error: failed || (!state && head.error ? words(head.error) : ""),
    answer: (id, value) => started({ resume: asking.length > 1 && id ? { [id]: value } : value }),
    ask,
    cancel,
    resume: () => started(),
  };
}

/**
 * A server that died may have lost the name of a thread and kept its checkpoints: who knows the
 * name gives it back.
 */
async function foundAgain(threadId: string): Promise<void> {
  const graphId = sessionStorage.getItem(SEEN + threadId);
  if (!graphId) return;
  const named = { threadId, graphId, ifExists: "do_nothing" as const };
  await client.threads.get(threadId).catch(() => client.threads.create(named));
}

function questionsOf(state: ThreadState | undefined): Asking[] {
  const interrupts = (state?.tasks ?? []).flatMap((task) => task.interrupts as Interrupt<Question>[]);
  return interrupts.flatMap((row) =>
    row.value ? [{ id: row.id ?? "", question: row.value, schema: schemaOf(row) }] : [],
  );
}

function schemaOf(interrupt: object): Schema | undefined {
  return "response_schema" in interrupt ? (interrupt.response_schema as Schema) : undefined;
}

function standingOf(is: {
  loading: boolean;
  running: boolean;
  asking: boolean;
  /** Has it come to its tail? A thread's earlier run may have left a status behind. */
  over: boolean;
  found: boolean;
}): Watched["stands"] {
  if (is.loading) return "loading";
  if (is.running) return "running";
  if (is.asking) return "asking";
  if (!is.found) return "gone";
  return is.over ? "ended" : "stopped";
}

/** Look now and then whether somebody else went on with the thread. */
function useOthers(
  threadId: string,
  busy: boolean,
  latest: Latest,
  again: () => void,
): void {
  useEffect(() => {
    if (busy) return;
    const look = async () => {
      if (document.hidden) return;
      const runs = await client.runs.list(threadId, { limit: 1 }).catch(() => []);
      const [run] = runs;
      if (!run) return;
      const same = run.run_id === latest.current?.run_id;
      const revived = ACTIVE.has(run.status) && !ACTIVE.has(latest.current?.status ?? "");
      if (!same || revived) again();
    };
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => clearInterval(timer);
  }, [threadId, busy, latest, again]);
}

/** Begin anew when the server came back. */
function useReturned(again: () => void): void {
  const returns = useReturns();
  const first = useRef(returns);
  useEffect(() => {
    if (returns !== first.current) again();
  }, [returns, again]);
}

async function reasonOf(threadId: string): Promise<string> {
  const { error } = (await client.threads.get(threadId)) as { error?: unknown };
  if (error && typeof error === "object" && "message" in error) return String(error.message);
  return typeof error === "string" && error ? error : "The run ended with an error.";
}

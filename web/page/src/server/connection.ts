/** The way to the server: its LangGraph API, our own routes, and whether it answers. */
import { Client } from "@langchain/langgraph-sdk/client";
import { useSyncExternalStore } from "react";

const KEY = "cliptrail.key";
const OWN = "/app/api/";
const PING_MS = 1_000;

/** Something that the server refused, with what to do about it. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly nextStep = "",
    readonly status = 0,
  ) {
    super(message);
  }
}

/** How the server stands: away while it does not answer, locked while it wants a key. */
export type Standing = "there" | "away" | "locked";

let standing: Standing = "there";
let returns = 0;
const watchers = new Set<() => void>();

function stand(now: Standing): void {
  if (now === standing) return;
  if (standing === "away") returns += 1;
  standing = now;
  for (const watcher of watchers) watcher();
  if (now === "away") void waitForIt();
}

async function waitForIt(): Promise<void> {
  while (standing === "away") {
    await new Promise((resolve) => setTimeout(resolve, PING_MS));
    const answer = await fetch("/ok").catch(() => null);
    if (answer?.ok) stand("there");
  }
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Tell how the server stands. */
export function useStanding(): Standing {
  return useSyncExternalStore(subscribe, () => standing);
}

/** Count how often the server came back: what was shown before may be old. */
export function useReturns(): number {
  return useSyncExternalStore(subscribe, () => returns);
}

/** The key that the person gave; it leaves the browser for this server alone. */
export function storedKey(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** Keep a key, and begin anew with it. */
export function keepKey(key: string): void {
  localStorage.setItem(KEY, key.trim());
  location.reload();
}

function headers(): Record<string, string> {
  const key = storedKey();
  return key ? { "x-api-key": key } : {};
}

/** fetch, which also notices that the server went away, came back, or wants a key. */
async function watched(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(input, init);
  } catch (error) {
    if (!init?.signal?.aborted) stand("away");
    throw error;
  }
  stand(answer.status === 401 || answer.status === 403 ? "locked" : "there");
  return answer;
}

export const client = new Client({
  apiUrl: location.origin,
  apiKey: null as unknown as undefined,
  defaultHeaders: headers(),
  callerOptions: { maxRetries: 0, fetch: watched },
});

/** What a tab remembers of the runs that it showed. */
export const SEEN = "cliptrail.seen.";

/** How a run is streamed: so that whoever comes later can still see it from its start. */
export const STREAM = {
  streamMode: ["values", "custom"] as ("values" | "custom")[],
  streamResumable: true,
};

async function answered(path: string, init: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await watched(path, { ...init, headers: { ...headers(), ...init.headers } });
  } catch {
    throw new Problem("The server does not answer.", "It is asked again every second.");
  }
  if (answer.ok) return answer;
  const body: unknown = await answer.json().catch(() => null);
  throw problemOf(body, answer.status);
}

function problemOf(body: unknown, status: number): Problem {
  const said = (body ?? {}) as { message?: unknown; next_step?: unknown };
  const message = typeof said.message === "string" ? said.message : `The server answered ${status}.`;
  return new Problem(message, typeof said.next_step === "string" ? said.next_step : "", status);
}

/** Ask one of our own routes. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await answered(OWN + path, { signal })).json() as Promise<T>;
}

/** Give one of our own routes something. */
export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const isFile = body instanceof Blob;
  const sent = isFile ? body : JSON.stringify(body);
  const kind = isFile ? "application/octet-stream" : "application/json";
  const init = { method: "POST", body: sent, signal, headers: { "Content-Type": kind } };
  const answer = await answered(OWN + path, init);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** Search the server's threads: its client knows neither all that can be asked nor all it gives. */
export async function searchThreads<T>(query: object): Promise<T[]> {
  const headers = { "Content-Type": "application/json" };
  const init = { method: "POST", body: JSON.stringify(query), headers };
  return (await answered("/threads/search", init)).json() as Promise<T[]>;
}

/** Save a file of ours to where the browser saves files. */
export async function download(path: string): Promise<void> {
  const answer = await answered(OWN + path);
  const said = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = said?.[1] ?? "file";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Say what went wrong, in words. */
export function words(error: unknown): string {
  if (error instanceof Problem) return `${error.message} ${error.nextStep}`.trim();
  if (error instanceof Error) return error.message;
  return String(error);
}

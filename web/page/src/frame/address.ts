/** Where in the page one is: its addresses below /app, without a reload. */
import { useSyncExternalStore } from "react";

export const BASE = "/app";
const CHANGED = "cliptrail:address";

/** Go to another address of this page. */
export function go(path: string, replace = false): void {
  const to = `${BASE}${path}`;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  if (!replace) scrollTo(0, 0);
  dispatchEvent(new Event(CHANGED));
}

function subscribe(told: () => void): () => void {
  addEventListener("popstate", told);
  addEventListener(CHANGED, told);
  return () => {
    removeEventListener("popstate", told);
    removeEventListener(CHANGED, told);
  };
}

/** Give the parts of the address: "/app/runs/1/guide" has "runs", "1" and "guide". */
export function useAddress(): { parts: string[]; query: URLSearchParams } {
  const here = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  const [path = "", query = ""] = here.split("?");
  const parts = path.slice(BASE.length).split("/").filter(Boolean).map(decodeURIComponent);
  return { parts, query: new URLSearchParams(query) };
}

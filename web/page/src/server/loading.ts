/** Loading something for as long as a component shows it. */
import { useCallback, useEffect, useState } from "react";
import { useReturns, words } from "./connection";

export interface Loaded<T> {
  data: T | undefined;
  error: string;
  again: () => void;
}

/** Load by a key; anew when the key changes or the server came back. An empty key loads nothing. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const returns = useReturns();
  const [round, setRound] = useState(0);
  const [found, setFound] = useState<{ key: string; data?: T; error?: string }>({ key: "" });
  useEffect(() => {
    if (!key) return;
    const abort = new AbortController();
    load(abort.signal).then(
      (data) => !abort.signal.aborted && setFound({ key, data }),
      (error: unknown) => !abort.signal.aborted && setFound({ key, error: words(error) }),
    );
    return () => abort.abort();
    // The key says all that the loading depends on.
  }, [key, returns, round]);
  const again = useCallback(() => setRound((n) => n + 1), []);
  const fits = found.key === key;
  return { data: fits ? found.data : undefined, error: (fits && found.error) || "", again };
}

// Asking again and again, politely: pauses while the tab is hidden, waits as long as a 429 says, backs
// off while the gateway is away, never overlaps itself.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, messageOf } from "../api/client";
import type { Options } from "../api/client";

export interface Polled<T> {
  data: T | undefined;
  /** Of the latest try; the data shown may be older. */
  error: string;
  refresh: () => void;
}

const kBackOffMax = 60_000;

/** `everyMs` 0 asks once (and on `refresh`). Asks anew when a value of `dependencies` changes. */
export function usePolled<T>(
  ask: (options: Options) => Promise<T>,
  everyMs: number,
  dependencies: readonly unknown[] = [],
): Polled<T> {
  const [data, setData] = useState<T>();
  const [error, setError] = useState("");
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    let failures = 0;

    const next = (wait: number) => {
      if (!abort.signal.aborted && everyMs > 0) timer = window.setTimeout(run, wait);
    };
    const run = async () => {
      if (document.hidden) return; // `shown` starts it again
      timer = 0;
      try {
        const answer = await latest.current({ signal: abort.signal });
        if (abort.signal.aborted) return;
        failures = 0;
        setData(answer);
        setError("");
        next(everyMs);
      } catch (problem) {
        if (abort.signal.aborted) return;
        failures += 1;
        setError(messageOf(problem));
        const asked = problem instanceof ApiError ? problem.retryAfter * 1000 : 0;
        next(Math.max(asked, Math.min(kBackOffMax, everyMs * 2 ** failures)));
      }
    };
    const shown = () => {
      if (document.hidden) return;
      window.clearTimeout(timer);
      void run();
    };
    void run();
    document.addEventListener("visibilitychange", shown);
    return () => {
      abort.abort();
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
    };
  }, [everyMs, round, ...dependencies]);

  const refresh = useCallback(() => setRound((value) => value + 1), []);
  return { data, error, refresh };
}

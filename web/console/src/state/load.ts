// A page's data: loading, there, there but old, or not to be had and why.

import { useEffect, useRef, useState } from "preact/hooks";
import { asProblem, Problem } from "../api/client.ts";

export interface Loaded<T> {
  data: T | undefined;
  /** Why the last attempt failed; with `data`: what is shown is older. */
  problem: Problem | undefined;
  loading: boolean;
  again: () => void;
}

/** Loads when `key` changes, and again when asked; data of the same key stay while they are loaded anew. */
export function useLoad<T>(key: string, read: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; data?: T; problem?: Problem }>({ key });
  const [turn, setTurn] = useState(0);
  const reader = useRef(read);
  reader.current = read;
  useEffect(() => {
    const stop = new AbortController();
    reader.current(stop.signal).then(
      (data) => !stop.signal.aborted && setState({ key, data }),
      (fault: unknown) => {
        if (stop.signal.aborted) return;
        const problem = asProblem(fault);
        setState((before) => (before.key === key && before.data !== undefined ? { ...before, problem } : { key, problem }));
      },
    );
    return () => stop.abort();
  }, [key, turn]);
  const current = state.key === key ? state : { key };
  const problem = "problem" in current ? current.problem : undefined;
  const data = "data" in current ? current.data : undefined;
  return { data, problem, loading: data === undefined && problem === undefined, again: () => setTurn((turn) => turn + 1) };
}

/** What was there last stays until what is asked for now has come, so that the control that asked keeps its place. */
export function useKept<T>(loaded: Loaded<T>): Loaded<T> {
  const last = useRef<T | undefined>(undefined);
  if (loaded.data !== undefined) last.current = loaded.data;
  return { ...loaded, data: loaded.data ?? last.current };
}

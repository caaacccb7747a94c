// Pokes: the server says that something is new, and whoever shows it asks for it, not more often than it can be read.

import { signal } from "@preact/signals";

export type Line = "connecting" | "live" | "lost";
export const line = signal<Line>("connecting");

type Listener = () => void;
const listeners = new Set<Listener>();
let source: EventSource | null = null;

/** Between two refreshes, in ms: figures that change more often than this are noise. */
const PACE_MS = 400;
/** Without pokes, rows still grow stale: a look now and then. */
const IDLE_MS = 20_000;

function open() {
  source = new EventSource("/v1/events");
  source.addEventListener("open", () => {
    line.value = "live";
    tell();
  });
  source.addEventListener("scope", tell);
  source.addEventListener("lost", tell);
  source.addEventListener("error", () => {
    line.value = "lost";
    // The browser tries again by itself, unless the server said no (a session that ended): then asking anew finds out.
    if (source?.readyState === EventSource.CLOSED) {
      source = null;
      setTimeout(() => listeners.size > 0 && !source && open(), 3000);
      tell();
    }
  });
}

let timer: number | undefined;
let last = 0;
function tell() {
  if (timer !== undefined) return;
  const wait = Math.max(0, last + PACE_MS - performance.now());
  timer = window.setTimeout(() => {
    timer = undefined;
    last = performance.now();
    for (const listener of [...listeners]) listener();
  }, wait);
}

/** Hears of news until the answer is called. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  if (!source) open();
  const idle = window.setInterval(tell, IDLE_MS);
  const online = () => tell();
  window.addEventListener("online", online);
  return () => {
    listeners.delete(listener);
    window.clearInterval(idle);
    window.removeEventListener("online", online);
    if (listeners.size === 0) {
      source?.close();
      source = null;
      line.value = "connecting";
    }
  };
}

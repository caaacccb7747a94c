// Pokes: the server says that something is new, and whoever shows it asks for it, not more often than it can be read. A
// hidden tab holds no line: browsers open six to a host, and six tabs that held one would leave none to read by.

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
  if (source || listeners.size === 0 || document.hidden) return;
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
      setTimeout(open, 3000);
      tell();
    }
  });
}

function close() {
  source?.close();
  source = null;
  line.value = "connecting";
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return close();
  open();
  if (listeners.size > 0) tell();
});

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
  open();
  const idle = window.setInterval(() => !document.hidden && tell(), IDLE_MS);
  const online = () => tell();
  window.addEventListener("online", online);
  return () => {
    listeners.delete(listener);
    window.clearInterval(idle);
    window.removeEventListener("online", online);
    if (listeners.size === 0) close();
  };
}

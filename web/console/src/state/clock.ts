// The server's time: a desk's clock may be off, and "how long ago" must not be.

import { signal } from "@preact/signals";

let offset = 0;

/** Ticks once a second, while somebody looks. */
export const now = signal(Date.now());

export function setOffset(serverNow: number) {
  offset = serverNow - Date.now();
  now.value = serverNow;
}

export function serverNow(): number {
  return Date.now() + offset;
}

setInterval(() => {
  if (!document.hidden) now.value = serverNow();
}, 1000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) now.value = serverNow();
});

// Where one is: the path behind `#`, so that every page has an address to send, and back goes back.

import { signal } from "@preact/signals";

export interface Route {
  /** As `["today", "2026-08-24", "m05"]`. */
  parts: readonly string[];
  query: URLSearchParams;
}

function read(): Route {
  const [path = "", search = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { parts: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(search) };
}

export const route = signal<Route>(read());
window.addEventListener("hashchange", () => {
  route.value = read();
});

export function link(...parts: (string | number)[]): string {
  return `#/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
}

export function go(to: string) {
  location.hash = to;
}

/** Sets a value of the address's query; an empty one takes it away. The page stays. */
export function setQuery(key: string, value: string) {
  const { parts, query } = route.value;
  const next = new URLSearchParams(query);
  if (value) next.set(key, value);
  else next.delete(key);
  const search = next.toString();
  history.replaceState(null, "", link(...parts) + (search ? `?${search}` : ""));
  route.value = read();
}

// What all screens share: language and theme, which screen it is, how the work stands, and the one sync at a time.

import { computed, effect, signal } from "@preact/signals";
import { firstLang, LANG_TAG, translator, type Lang } from "@roundsman/ui/i18n";
import { call, codeOf, CoreError, sync as coreSync } from "./core/client.ts";
import type { Synced, Work } from "./core/types.ts";
import { TEXTS, type TextKey } from "./texts.ts";

export type Theme = "light" | "dark" | "sun";
export type Phase =
  | "revoked" | "loading" | "unsupported" | "install" | "elsewhere" | "taken" | "refused" | "broken" | "locked" | "people" | "enrol" | "ready";

export const phase = signal<Phase>("loading");
/** Why the store does not open, or which feature is missing. */
export const trouble = signal("");

const LANG_KEY = "roundsman.lang";
const THEME_KEY = "roundsman.theme";
export const lang = signal<Lang>(firstLang(localStorage.getItem(LANG_KEY), navigator.languages));
export const theme = signal<Theme>(firstTheme());

function firstTheme(): Theme {
  const kept = localStorage.getItem(THEME_KEY);
  if (kept === "light" || kept === "dark" || kept === "sun") return kept;
  return matchMedia("(prefers-contrast: more)").matches ? "sun" : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function setLang(to: Lang): void {
  lang.value = to;
  localStorage.setItem(LANG_KEY, to);
  showLook();
}

export function setTheme(to: Theme): void {
  theme.value = to;
  localStorage.setItem(THEME_KEY, to);
  showLook();
}

/** Puts language and theme where styles and screen readers look. */
export function showLook(): void {
  document.documentElement.lang = LANG_TAG[lang.value];
  document.body.dataset["theme"] = theme.value;
}

export const t = translator(TEXTS, () => lang.value);

/** Whether a text of this key is there: codes of errors, reasons and actions come from the core. */
export function known(key: string): key is TextKey {
  return key in TEXTS;
}

/** What an error is, in the user's words. */
export function sentence(error: unknown): string {
  const key = `error.${codeOf(error)}`;
  // What it is about, where the core says so and there are words for it.
  const about = error instanceof CoreError ? `${key}.${error.detail}` : key;
  if (known(about)) return t(about);
  if (known(key)) return t(key);
  return error instanceof CoreError ? `${t("error.unexpected")} (${error.code})` : t("error.unexpected");
}

/** Which screen: `#/visit/ID/count` is `["visit", "ID", "count"]`. */
export const path = signal<string[]>(pathOf(location.hash));

function pathOf(hash: string): string[] {
  const parts = hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  if (parts[0]?.startsWith("enrol=")) return ["enrol"];
  return parts.length > 0 ? parts : ["today"];
}

addEventListener("hashchange", () => {
  path.value = pathOf(location.hash);
});

/** Goes to a screen. `instead`: the way back does not lead to the screen left. */
export function go(to: string, instead = false): void {
  if (instead) history.replaceState(null, "", `#/${to}`);
  else history.pushState(null, "", `#/${to}`);
  path.value = pathOf(location.hash);
  scrollTo(0, 0);
}

addEventListener("popstate", () => {
  path.value = pathOf(location.hash);
});

/** Grows with everything that is done or arrives: what screens show is asked for again. */
export const version = signal(0);
export const work = signal<Work | undefined>(undefined);
/** The district's time zone, and today's date there. */
export const today = signal("");
/** The district's currency, ISO 4217. */
export const currency = signal("CNY");
export const zone = signal("UTC");

/** Until the core has opened, a day is shown as it last was, and nothing is known of where the work is. */
export const begun = computed(() => work.value !== undefined);
export const onPhone = computed(() => (work.value?.counts.pending ?? 0) + (work.value?.filings ?? 0));
/** Whether there is something that only a sync can end. */
export const owing = computed(() => onPhone.value > 0 || work.value?.offering === true || work.value?.unknown === true);
export const heldBack = computed(() => (work.value?.counts.quarantined ?? 0) + unread.value);
/** What was begun and left: it is on this phone alone, and no sync takes it along. A visit of today may be under way. */
export const unfinished = computed(() => (work.value?.unfinished ?? []).filter(({ kind, date }) => kind !== "visit" || date < today.value));

const READ_KEY = "roundsman.read";
/** How much of the work that staff did not accept its author has read of. It stays listed, and calls no more. */
const read = signal<Record<string, number>>(JSON.parse(localStorage.getItem(READ_KEY) ?? "{}") as Record<string, number>);
export const unread = computed(() => Math.max(0, (work.value?.counts.rejected ?? 0) - (read.value[work.value?.person ?? ""] ?? 0)));

function keepRead(person: string, refusals: number): void {
  read.value = { ...read.value, [person]: refusals };
  localStorage.setItem(READ_KEY, JSON.stringify(read.value));
}

export function readRefusals(): void {
  const { person, counts } = work.value ?? {};
  if (person && counts) keepRead(person, counts.rejected);
}

// A store that begins anew has none that were read.
effect(() => {
  const { person, counts } = work.value ?? {};
  if (person && counts && (read.peek()[person] ?? 0) > counts.rejected) keepRead(person, counts.rejected);
});

/** What went wrong last, until it is read. */
export const notice = signal<{ text: string; what: "error" | "full" | "done" } | undefined>(undefined);

export function tell(error: unknown): void {
  notice.value = { text: sentence(error), what: codeOf(error) === "store_full" ? "full" : "error" };
}

/** Reads how the work stands, and has screens ask again. */
export async function refresh(): Promise<void> {
  work.value = await call("work", {});
  version.value += 1;
}

let learning = 0;

/** Has the core make ready what the next tap needs, and learn, slice by slice, what suggestions rest on. Should that fail, the tap says why. */
export function prepare(): void {
  const mine = ++learning;
  const learn = async () => {
    await call("prepare", {});
    // Who is asked anew goes on from here.
    while (mine === learning && (await call("learn", {})));
  };
  learn().catch(() => undefined);
}

/** Does something and shows what came of it; whether it was done. */
export async function act(doing: () => Promise<unknown>): Promise<boolean> {
  try {
    await doing();
    notice.value = undefined;
    await refresh();
    return true;
  } catch (error) {
    tell(error);
    return false;
  }
}

export const syncing = signal<Synced | undefined>(undefined);
export const synced = signal<Synced | undefined>(undefined);
/** What the last sync that failed has told. A sync that ends well takes it back, and nothing else: it may not have been read. */
let failed: typeof notice.value;
let queued: ReturnType<typeof setTimeout> | undefined;

const NOTHING: Synced = {
  requests: 0, bytes_up: 0, bytes_down: 0, acknowledged: 0, waiting: 0, quarantined: 0, rejected: 0, rewritten: 0, changes: 0, rows: 0,
  queued_s: null,
};

/** Syncs, unless that is under way. Asked for by hand, a failure is told; by itself, it waits for the next time. */
export async function syncNow(byHand: boolean): Promise<void> {
  if (syncing.value || phase.value !== "ready") return;
  clearTimeout(queued);
  syncing.value = NOTHING;
  // A sync that ends half way may have brought something.
  let arrived = true;
  // Head office gives a revoked device no token.
  let revoked = false;
  // Another person's turn, or another window's.
  let closed = false;
  try {
    const { next, synced: result, revoked: gone } = await coreSync((so) => {
      syncing.value = so;
    });
    synced.value = result;
    if (notice.value === failed) notice.value = undefined;
    revoked = gone;
    arrived = result.changes + result.rows + result.rewritten > 0;
    if (next === "queued") queued = setTimeout(() => void syncNow(false), (result.queued_s ?? 30) * 1000);
  } catch (error) {
    const code = codeOf(error);
    closed = code === "store_in_use";
    if (!closed && (byHand || code !== "unreachable")) {
      tell(error);
      failed = notice.value;
    }
  } finally {
    syncing.value = undefined;
  }
  if (closed) return;
  await refresh().catch(tell);
  // What was ready is of before it.
  if (arrived) prepare();
  // A revoked device is heard to the end, what was only typed too, and keeps nothing then.
  if (revoked && onPhone.value === 0) await handOver();
}

/** Makes actions of all that was begun, and brings them; what can't become one is told, and keeps the rest here until it can. */
async function handOver(): Promise<void> {
  const fault: unknown = await call("finish_drafts", {}).then(() => undefined, (error: unknown) => error);
  await refresh().catch(() => undefined);
  if (onPhone.value > 0) await syncNow(false);
  else if (fault && work.value?.unfinished.some((one) => one.kind !== "visit")) tell(fault);
  else await whenRevoked();
}

let whenRevoked: () => Promise<void> = () => Promise.resolve();

/** What is to be done once a revoked device has handed everything over. */
export function onRevoked(work: () => Promise<void>): void {
  whenRevoked = work;
}

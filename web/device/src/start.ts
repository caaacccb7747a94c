// From nothing to a screen, and what keeps going beside the screens: one window, updates, syncing by itself.

import { call, closeCore, codeOf, CoreError, openCore } from "./core/client.ts";
import { hasDay, lastDay } from "./core/lastday.ts";
import { hold, takeOver, type Holding } from "./core/tabs.ts";
import { plusDays } from "@roundsman/ui/format";
import { change, choose, forget, lastPerson, people, type PersonHere } from "./people.ts";
import type { Day, Start } from "./core/types.ts";
import { told } from "./parts/ask.ts";
import { begun, currency, onRevoked, owing, path, phase, prepare, refresh, syncNow, today, trouble, version, work, zone } from "./state.ts";
import { watchUpdates } from "./update.ts";

let person: PersonHere | undefined;
let holding: Holding | undefined;

export function whoIsIt(): PersonHere {
  person ??= lastPerson();
  return person;
}

/** What a browser must have; the first thing that it lacks. */
function missing(): string | undefined {
  if (!isSecureContext) return "https";
  const needs: [string, boolean][] = [
    ["WebAssembly", typeof WebAssembly === "object"],
    ["Web Locks", "locks" in navigator],
    ["OPFS", typeof navigator.storage?.getDirectory === "function" || !("storage" in navigator)],
    ["BroadcastChannel", "BroadcastChannel" in globalThis],
    ["Crypto", typeof crypto?.subtle === "object"],
  ];
  return needs.find(([, there]) => !there)?.[0];
}

/** An iPhone clears what a page that is not installed stores. */
function mustInstall(): boolean {
  const apple = /iPhone|iPad/.test(navigator.userAgent);
  return apple && !matchMedia("(display-mode: standalone)").matches;
}

export async function start(): Promise<void> {
  onRevoked(wipe);
  const lack = missing();
  if (lack) {
    trouble.value = lack;
    phase.value = "unsupported";
    return;
  }
  if (mustInstall()) {
    phase.value = "install";
    return;
  }
  watchUpdates();
  if (whoIsIt().pin) phase.value = "locked";
  else await enter();
}

/** Opens the store of whoever it is, if no other window has it. */
export async function enter(): Promise<void> {
  phase.value = "loading";
  const folder = whoIsIt().folder;
  holding = await hold(folder, lost);
  if (holding) await opened();
  else phase.value = "elsewhere";
}

export async function takeHere(): Promise<void> {
  phase.value = "loading";
  holding = await takeOver(whoIsIt().folder, lost);
  if (holding) await opened();
  else phase.value = "elsewhere";
}

/** Another window has taken over. */
async function lost(): Promise<void> {
  holding = undefined;
  phase.value = "taken";
  work.value = undefined;
  await closeCore();
}

async function opened(): Promise<void> {
  const { folder } = whoIsIt();
  const mine = holding;
  try {
    const opening = openCore(folder);
    const starting = call("start", {});
    // Whether the store opens comes first.
    starting.catch(() => undefined);
    const last = path.value[0] === "today" ? lastDay(folder) : undefined;
    if (last) show(last);
    await opening;
    const start = await starting;
    // Somebody may have left meanwhile.
    if (holding !== mine) return;
    if (start) begin(start);
    else phase.value = "enrol";
  } catch (error) {
    if (holding !== mine) return;
    trouble.value = error instanceof CoreError ? `${error.code}: ${error.message}` : String(error);
    phase.value = codeOf(error) === "storage_refused" ? "refused" : "broken";
  }
}

/** Somebody has just enrolled here. */
export async function enrolled(): Promise<void> {
  const start = await call("start", {});
  if (start) begin(start);
}

function show(day: Day): void {
  today.value = day.date;
  zone.value = day.zone;
  if (day.currency) currency.value = day.currency;
  version.value += 1;
  told("day", { date: day.date }, day);
  phase.value = "ready";
}

/** Everything is there: the day's screen, and syncing by itself from now on. */
function begin({ day, work: stands }: Start): void {
  if (day.name) change(whoIsIt().folder, { name: day.name });
  choose(whoIsIt().folder);
  work.value = stands;
  show(day);
  // What nobody waits for begins when the day is on the screen.
  requestAnimationFrame(() => setTimeout(() => {
    prepare();
    keepGoing();
    void navigator.storage?.persist?.();
  }));
}

const EVERY_MS = 5 * 60_000;
let keeps = false;

function keepGoing(): void {
  const due = () => {
    if (document.visibilityState !== "visible" || phase.value !== "ready") return;
    void newDay();
    if (navigator.onLine) void syncNow(false);
  };
  if (!keeps) {
    keeps = true;
    addEventListener("online", due);
    document.addEventListener("visibilitychange", due);
    document.addEventListener("visibilitychange", keepDays);
    setInterval(() => owing.value && due(), EVERY_MS);
  }
  if (navigator.onLine) void syncNow(false);
}

/** A phone that was put away opens quickly again, and in the morning with the new day. */
function keepDays(): void {
  if (document.visibilityState !== "hidden" || !begun.value) return;
  const { folder } = whoIsIt();
  for (const date of [today.value, plusDays(today.value, 1)]) {
    if (!hasDay(folder, date)) call("day", { date }, "idle").catch(() => undefined);
  }
}

/** The app may stay open over midnight. */
async function newDay(): Promise<void> {
  const day = await call("day", {}).catch(() => undefined);
  if (day && day.date !== today.value) {
    today.value = day.date;
    await refresh();
    prepare();
  }
}

/** Another person's turn: this one's store is closed first. */
export async function switchTo(folder: string): Promise<void> {
  await leave();
  person = people().find((known) => known.folder === folder);
  // Who has only been added is not who opens the app next.
  if (person?.name) choose(folder);
  location.hash = "#/today";
  if (whoIsIt().pin) phase.value = "locked";
  else await enter();
}

/** After revocation: nothing of this person stays on the phone. */
async function wipe(): Promise<void> {
  const { folder } = whoIsIt();
  await leave();
  await forget(folder);
  person = undefined;
  phase.value = "revoked";
}

/** Closes the store and lets go of it. */
export async function leave(): Promise<void> {
  const left = holding;
  holding = undefined;
  await closeCore();
  left?.release();
  work.value = undefined;
}

// The day as the core last told it, for the moment in which the core opens again: shown then, never acted on. Whatever is done
// drops it first, so that it is at most behind what another device did.

import { daysBetween, local } from "@roundsman/ui/format";
import type { Day } from "./types.ts";

const KEY = "roundsman.day.";
/** Another build may show other things of a day. */
const BUILD = import.meta.url;
/** Today and tomorrow. */
const DAYS_MAX = 2;

const DAY_MS = 86_400_000;

interface Kept {
  day: Day;
  /** When the day ends where the district is, to the minute; what a zone's date is takes a browser long to say the first time. */
  ends: number;
}

let deeds = 0;

/** How much has been done. What was asked before something was done is not kept after it. */
export function done(): number {
  return deeds;
}

function kept(folder: string): Kept[] {
  try {
    const { build, days } = JSON.parse(localStorage.getItem(KEY + folder) ?? "{}") as { build?: string; days?: Kept[] };
    return build === BUILD && days ? days : [];
  } catch {
    return [];
  }
}

function endOf(day: Day): number {
  const now = Date.now();
  const [date, time] = local(now, day.zone);
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return now + (daysBetween(date, day.date) + 1) * DAY_MS - (hours * 60 + minutes) * 60_000;
}

export function keepDay(folder: string, day: Day, asked: number): void {
  if (asked !== deeds) return;
  const others = kept(folder).filter((other) => other.day.date !== day.date);
  try {
    localStorage.setItem(KEY + folder, JSON.stringify({ build: BUILD, days: [...others, { day, ends: endOf(day) }].slice(-DAYS_MAX) }));
  } catch {
    // Full: opening takes as long as it takes.
    dropDays(folder);
  }
}

/** Something is about to be done, or has arrived. */
export function dropDays(folder: string): void {
  deeds += 1;
  localStorage.removeItem(KEY + folder);
}

export function hasDay(folder: string, date: string): boolean {
  return kept(folder).some(({ day }) => day.date === date);
}

/** Today, if it has been told. */
export function lastDay(folder: string): Day | undefined {
  const now = Date.now();
  return kept(folder).find(({ ends }) => ends - DAY_MS <= now && now < ends)?.day;
}

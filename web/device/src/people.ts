// Who uses this phone. Each person has a folder of the browser's file system, and so a store, a key and a device of their
// own; here is only the list of them, and which one was last.

import { dropDays } from "./core/lastday.ts";

export interface PersonHere {
  folder: string;
  /** Empty until enrolled. */
  name: string;
  /** `salt.hash` of the app's PIN, if one is set. */
  pin?: string;
}

const KEY = "roundsman.people";
const LAST = "roundsman.last";

export function people(): PersonHere[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? (kept as PersonHere[]) : [];
  } catch {
    return [];
  }
}

function keep(list: PersonHere[]): void {
  localStorage.setItem(KEY, JSON.stringify(list));
}

/** The person who used the phone last; the first is made when there is none. */
export function lastPerson(): PersonHere {
  const list = people();
  const last = localStorage.getItem(LAST);
  return list.find((person) => person.folder === last) ?? list[0] ?? addPerson();
}

export function choose(folder: string): void {
  localStorage.setItem(LAST, folder);
}

export function addPerson(): PersonHere {
  const list = people();
  const unused = list.find((person) => person.name === "");
  if (unused) return unused;
  const number = 1 + Math.max(0, ...list.map((person) => Number(person.folder.split("-")[1])));
  const person = { folder: `roundsman-${number}`, name: "" };
  keep([...list, person]);
  return person;
}

export function change(folder: string, values: Partial<PersonHere>): void {
  keep(people().map((person) => (person.folder === folder ? { ...person, ...values } : person)));
}

/** Forgets a person of this phone, with all that is stored of them. Its store must be closed. */
export async function forget(folder: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(folder, { recursive: true });
  dropDays(folder);
  keep(people().filter((person) => person.folder !== folder));
}

const ROUNDS = 200_000;

async function hashed(pin: string, salt: Uint8Array<ArrayBuffer>): Promise<string> {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, key, 256);
  return hex(new Uint8Array(bits));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sets the PIN that the app asks for. It keeps others from reading over a lent phone; the stored data are not encrypted by it. */
export async function setPin(folder: string, pin: string): Promise<void> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  change(folder, { pin: `${hex(salt)}.${await hashed(pin, salt)}` });
}

export function clearPin(folder: string): void {
  keep(people().map((person) => {
    if (person.folder !== folder) return person;
    const { pin: _cleared, ...rest } = person;
    return rest;
  }));
}

export async function pinIsRight(person: PersonHere, pin: string): Promise<boolean> {
  const [salt = "", hash = ""] = (person.pin ?? "").split(".");
  const bytes = new Uint8Array((salt.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
  return (await hashed(pin, bytes)) === hash;
}

// Who is signed in.

import { signal } from "@preact/signals";
import { get, post, Problem, remove, whenSignedOut, type Schemas } from "../api/client.ts";
import { setOffset } from "./clock.ts";

export type Me = Schemas["Me"];
export type Session = { state: "unknown" } | { state: "out"; ended: boolean } | { state: "in"; me: Me } | { state: "unreachable" };

export const session = signal<Session>({ state: "unknown" });

/** Who is signed in; only read where somebody is. */
export function me(): Me {
  if (session.value.state !== "in") throw new Error("nobody is signed in");
  return session.value.me;
}

export async function load() {
  try {
    const me = await get<Me>("/v1/sessions");
    setOffset(me.now_ms);
    session.value = { state: "in", me };
  } catch (fault) {
    session.value = fault instanceof Problem && fault.status === 401 ? { state: "out", ended: false } : { state: "unreachable" };
  }
}

export async function signIn(login: string, password: string) {
  await post("/v1/sessions", { login, password, cookie: true });
  await load();
}

/** Throws where the server has not said that the session is over: on a shared desk the next person would still be in it. */
export async function signOut() {
  try {
    await remove("/v1/sessions");
  } catch (fault) {
    if (!(fault instanceof Problem && fault.status === 401)) throw fault;
  }
  session.value = { state: "out", ended: false };
}

whenSignedOut(() => {
  if (session.value.state === "in") session.value = { state: "out", ended: true };
});

export function may(...roles: string[]): boolean {
  return roles.includes(me().role);
}

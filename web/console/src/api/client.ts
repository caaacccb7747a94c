// The server's API: the session is in a cookie that scripts never see; what changes something carries a header that no
// other site can make a browser send.

import { lang } from "../state/lang.ts";
import type { components } from "./schema.d.ts";

export type Schemas = components["schemas"];

/** A problem that the server names, or that it can't be reached (`offline`). */
export class Problem extends Error {
  readonly code: string;
  readonly detail: string | null;
  readonly status: number;

  constructor(status: number, code: string, title: string, detail: string | null) {
    super(title);
    this.status = status;
    this.code = code;
    this.detail = detail;
  }

  get offline() {
    return this.code === "offline";
  }
}

/** Called when the session has ended. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(then: () => void) {
  onSignedOut = then;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export function pathOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

async function call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { "accept-language": lang.value === "zh" ? "zh-CN" : "en" };
  if (method !== "GET") headers["x-roundsman-console"] = "1";
  const raw = body instanceof Blob;
  if (body !== undefined) headers["content-type"] = raw ? body.type : "application/json";
  const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (body !== undefined) init.body = raw ? body : JSON.stringify(body);
  if (signal) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (fault) {
    if (signal?.aborted) throw fault;
    throw new Problem(0, "offline", "", null);
  }
  if (response.ok || response.status === 422) return response;
  const problem = await problemOf(response);
  if (response.status === 401 && path !== "/v1/sessions") onSignedOut();
  throw problem;
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Partial<Schemas["ProblemBody"]>;
  return new Problem(response.status, body.code ?? "internal", body.title ?? "", body.detail ?? null);
}

async function read<T>(response: Response): Promise<T> {
  const problem = response.headers.get("content-type")?.includes("problem");
  if (problem || !response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const get = async <T>(path: string, query: Query = {}, signal?: AbortSignal) =>
  read<T>(await call("GET", pathOf(path, query), undefined, signal));
export const post = async <T>(path: string, body: unknown = {}) => read<T>(await call("POST", path, body));
export const put = async <T>(path: string, body: unknown) => read<T>(await call("PUT", path, body));
export const remove = async <T>(path: string) => read<T>(await call("DELETE", path));

/** What was thrown, as a problem. */
export const asProblem = (fault: unknown) => (fault instanceof Problem ? fault : new Problem(0, "internal", String(fault), null));

/** What went wrong, in words. */
export function sayProblem(problem: unknown): string {
  return problem instanceof Problem ? `${problem.message} ${problem.detail ?? ""}`.trim() : String(problem);
}

/** Asks for a file with a body, and hands it to the browser to keep. */
export async function keep(path: string, body: unknown) {
  const response = await call("POST", path, body);
  if (response.headers.get("content-type")?.includes("problem")) throw await problemOf(response);
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "table";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  // The browser has taken it over by the next turn.
  setTimeout(() => URL.revokeObjectURL(link.href));
}

/** As `post`, where a refusal (422) has a body of its own. */
export async function postTwoWays<T>(path: string, body: unknown): Promise<{ accepted: boolean; answer: T }> {
  const response = await call("POST", path, body);
  if (response.headers.get("content-type")?.includes("problem")) throw await problemOf(response);
  return { accepted: response.ok, answer: (await response.json()) as T };
}

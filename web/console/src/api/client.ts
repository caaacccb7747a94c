// The server's API: the session is in a cookie that scripts never see; what changes something carries a header that no
// other site can make a browser send.

import { lang, t } from "../state/lang.ts";
import type { components } from "./schema.d.ts";

export type Schemas = components["schemas"];

/** A problem that the server names, or that it can't be reached (`offline`). Its message is never empty: it is shown. */
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

/** A reading that hangs fails after this, so that what is shown is said to be old. What is sent may take longer. */
const GET_TIMEOUT_MS = 30_000;

const unreachable = () => new Problem(0, "offline", t("state.unreachable"), null);

/** Aborts with `signal`, or when the time for a reading is up. */
function inTime(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(GET_TIMEOUT_MS);
  if (!signal) return timeout;
  // By hand, as browsers of this age lack AbortSignal.any.
  const first = new AbortController();
  for (const one of [signal, timeout]) one.addEventListener("abort", () => first.abort());
  if (signal.aborted) first.abort();
  return first.signal;
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
  if (method === "GET") init.signal = inTime(signal);
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (fault) {
    if (signal?.aborted) throw fault;
    throw unreachable();
  }
  if (response.ok || response.status === 422) return response;
  const problem = await problemOf(response);
  if (response.status === 401 && path !== "/v1/sessions") onSignedOut();
  throw problem;
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Partial<Schemas["ProblemBody"]>;
  // A gateway in between answers without words.
  return new Problem(response.status, body.code ?? "internal", body.title || t("state.noanswer"), body.detail ?? null);
}

async function read<T>(response: Response): Promise<T> {
  const problem = response.headers.get("content-type")?.includes("problem");
  if (problem || !response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await bodyOf(response)) as T;
}

/** The line may break after the answer's head has come. */
const bodyOf = (response: Response): Promise<unknown> => response.json().catch(() => Promise.reject(unreachable()));

export const get = async <T>(path: string, query: Query = {}, signal?: AbortSignal) =>
  read<T>(await call("GET", pathOf(path, query), undefined, signal));
export const post = async <T>(path: string, body: unknown = {}) => read<T>(await call("POST", path, body));
export const put = async <T>(path: string, body: unknown) => read<T>(await call("PUT", path, body));
export const remove = async <T>(path: string) => read<T>(await call("DELETE", path));

/** What was thrown, as a problem. */
export const asProblem = (fault: unknown) => (fault instanceof Problem ? fault : new Problem(0, "internal", String(fault), null));

/** What went wrong, in words: never none. */
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
  return { accepted: response.ok, answer: (await bodyOf(response)) as T };
}

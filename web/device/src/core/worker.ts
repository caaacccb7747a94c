// The worker that holds the core: the store is here and nowhere else, so that the page stays quick whatever it does.

import { expose } from "comlink";
import init, { open, type Core, type Post } from "./generated/core.js";
import module from "./generated/core_bg.wasm?url";
import type { Answer, EnrolAnswer, RoundAnswer, SyncProgress } from "./types.ts";

let core: Core | undefined;
/** Who asks before the store is open waits for it. */
let opening: Promise<Answer<null>> | undefined;

// Before anybody asks: it is the longest part of a cold start.
const loaded = init({ module_or_path: module });
// Whoever opens a store hears of it.
loaded.catch(() => undefined);

/** Why the core can't be asked: it has no store, or broke on a fault of its own and has to be started again. */
function fault(error: unknown): { error: { code: string; message: string } } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof WebAssembly.RuntimeError || /recursive use/.test(message)) return { error: { code: "core_broken", message } };
  // The core gives its own errors as JSON.
  try {
    const parsed: unknown = JSON.parse(message);
    if (parsed && typeof parsed === "object" && "error" in parsed) return parsed as { error: { code: string; message: string } };
  } catch {
    // It is a sentence, not JSON.
  }
  if (/Quota/.test(message)) return { error: { code: "store_full", message } };
  if (/NoModificationAllowed|acquire sync access|InUse|another open/i.test(message)) return { error: { code: "store_in_use", message } };
  return { error: { code: "store_failed", message } };
}

/** A line that carries nothing for so long is given up. What is sent is not seen on its way, and has time by its size. */
const SILENT_MS = 60_000;
const SENT_BYTES_PER_MS_LEAST = 2;

async function send(post: Post): Promise<{ status: number; body: Uint8Array; retryAfter: number | undefined }> {
  const headers: Record<string, string> = { "content-type": post.content_type };
  if (post.bearer) headers["authorization"] = `Bearer ${post.bearer}`;
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = (more: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENT_MS + more);
  };
  heard(post.body.length / SENT_BYTES_PER_MS_LEAST);
  try {
    const response = await fetch(post.path, { method: "POST", headers, body: post.body as Uint8Array<ArrayBuffer>, redirect: "error", cache: "no-store", signal: silence.signal });
    const retryAfter = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const reader = response.body?.getReader();
    for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
      heard(0);
      parts.push(next.value);
    }
    const body = new Uint8Array(await new Blob(parts).arrayBuffer());
    return { status: response.status, body, retryAfter: Number.isNaN(retryAfter) ? undefined : retryAfter };
  } finally {
    clearTimeout(timer);
  }
}

/** What a tap has done is done at once; what a screen asks waits for it, and what nobody waits for comes last. */
export type Rank = "tap" | "screen" | "idle";

const waiting: Record<Exclude<Rank, "tap">, (() => void)[]> = { screen: [], idle: [] };
/** One message a call that waits: by its turn, taps that came meanwhile have been heard. */
const turns = new MessageChannel();
turns.port1.onmessage = () => (waiting.screen.shift() ?? waiting.idle.shift())?.();

function answerTo(call: string): string {
  if (!core) return JSON.stringify({ error: { code: "store_in_use", message: "the store is not open" } });
  try {
    return core.call(call);
  } catch (error) {
    return JSON.stringify(fault(error));
  }
}

const unreachable = { error: { code: "unreachable", message: "head office can't be reached" } } as const;

async function openStore(folder: string): Promise<Answer<null>> {
  try {
    if (!navigator.storage?.getDirectory) return { error: { code: "storage_refused", message: "this browser has no file system for apps" } };
    await loaded;
    core = await open(folder);
    return { ok: null };
  } catch (error) {
    if (error instanceof DOMException && error.name === "SecurityError") return { error: { code: "storage_refused", message: error.message } };
    const failed = fault(error);
    return /SecurityError/.test(failed.error.message) ? { error: { code: "storage_refused", message: failed.error.message } } : failed;
  }
}

const phone = {
  /** Opens the store of a folder of the browser's own file system. */
  open(folder: string): Promise<Answer<null>> {
    opening = openStore(folder);
    return opening;
  },

  /** Answers a call, as JSON both ways. */
  call(call: string, rank: Rank): string | Promise<string> {
    if (!core && opening) return opening.then(() => answerTo(call));
    if (rank === "tap") return answerTo(call);
    return new Promise((answer) => {
      waiting[rank].push(() => answer(answerTo(call)));
      turns.port2.postMessage(null);
    });
  },

  async enrol(server: string, code: string, name: string): Promise<EnrolAnswer> {
    await opening;
    try {
      if (!core) return { error: { code: "store_in_use", message: "the store is not open" } };
      const post = core.begin_enrolment(server, code, name);
      if (!post) return { ok: null };
      const answer = await send(post).catch(() => undefined);
      if (!answer) return unreachable;
      return JSON.parse(core.end_enrolment(answer.status, answer.body)) as EnrolAnswer;
    } catch (error) {
      return fault(error);
    }
  },

  /** Sends and fetches everything. The store can be used meanwhile. */
  async sync(progress: (so: SyncProgress) => void): Promise<RoundAnswer> {
    await opening;
    try {
      if (!core) return { error: { code: "store_in_use", message: "the store is not open" } };
      let post = core.begin_sync();
      for (;;) {
        const answer = await send(post).catch(() => undefined);
        if (!answer) return unreachable;
        const ended = JSON.parse(core.end_round(answer.status, answer.body, answer.retryAfter)) as RoundAnswer;
        if ("error" in ended || ended.ok.next !== "again") return ended;
        progress(ended.ok.synced);
        post = core.next_round();
      }
    } catch (error) {
      return fault(error);
    }
  },

  /** Lets go of the store, so that another window can have it. */
  async close(): Promise<void> {
    await opening;
    try {
      core?.close();
    } finally {
      core = opening = undefined;
    }
  },
};

export type Phone = typeof phone;
expose(phone);

// The page's side of the core: one worker, one store, errors as values of one class.

import { proxy, wrap, type Remote } from "comlink";
import { done, dropDays, keepDay } from "./lastday.ts";
import { freshWorker } from "./spawn.ts";
import type { Phone, Rank } from "./worker.ts";
import type { Answer, Calls, CoreFault, Day, Round, Start, Synced } from "./types.ts";

/** Why the core did not do what was asked. What was done before stays done. */
export class CoreError extends Error {
  readonly code: string;
  readonly detail: string | undefined;
  constructor(fault: CoreFault) {
    super(fault.message);
    this.code = fault.code;
    this.detail = fault.detail ?? undefined;
  }
}

let worker: Worker | undefined;
let phone: Remote<Phone> | undefined;
let folder = "";
/** A worker that is ended answers nobody: who waits for a sync of it is told. */
let end: (why: CoreError) => void = () => undefined;
let ended: Promise<never> | undefined;

/** Starts the worker and opens a store. What is asked meanwhile waits for it. */
export async function openCore(inFolder: string): Promise<void> {
  folder = inFolder;
  worker = freshWorker();
  phone = wrap<Phone>(worker);
  ended = new Promise((_, reject) => (end = reject));
  ended.catch(() => undefined);
  unwrap(await phone.open(folder));
}

/** Lets go of the store. */
export async function closeCore(): Promise<void> {
  const [closing, ending] = [phone, worker];
  phone = worker = undefined;
  await closing?.close();
  ending?.terminate();
  end(new CoreError({ code: "store_in_use", message: "the store was closed" }));
}

function unwrap<T>(answer: Answer<T>): T {
  if ("error" in answer) throw new CoreError(answer.error);
  return answer.ok;
}

function there(): Remote<Phone> {
  if (!phone) throw new CoreError({ code: "store_in_use", message: "the store is not open in this window" });
  return phone;
}

/** What only tells. Whatever else is asked of the core is done at once: it is what a tap did, and not safe before. */
const TELLS: (keyof Calls)[] = [
  "start", "work", "day", "visit", "count_sheet", "order_sheet", "shops", "shop", "month", "receipt", "week", "suggest", "unusual",
  "week_summary", "what_if", "published", "disputes", "rescue", "access_token",
];

function rankOf(name: keyof Calls): Rank {
  return name === "prepare" || name === "learn" ? "idle" : TELLS.includes(name) ? "screen" : "tap";
}

/** Asks the core, or has it do something. An action is durable when this resolves. */
export async function call<C extends keyof Calls>(name: C, values: Calls[C][0], rank = rankOf(name)): Promise<Calls[C][1]> {
  if (rank === "tap") dropDays(folder);
  const [of, asked] = [folder, done()];
  const answer = JSON.parse(await there().call(JSON.stringify({ call: name, ...values }), rank)) as Answer<Calls[C][1]>;
  if ("error" in answer && answer.error.code === "core_broken") await restart();
  const answered = unwrap(answer);
  const day = dayOf(name, answered);
  if (day) keepDay(of, day, asked);
  return answered;
}

function dayOf(name: keyof Calls, answer: unknown): Day | undefined {
  if (name === "day") return answer as Day;
  return name === "start" ? (answer as Start | null)?.day : undefined;
}

export async function enrol(code: string, name: string): Promise<void> {
  unwrap(await there().enrol(location.origin, code, name));
}

export async function sync(progress: (so: Synced) => void): Promise<Round> {
  const asking = there().sync(proxy(progress));
  const answer = await (ended ? Promise.race([asking, ended]) : asking);
  if ("error" in answer || movedBy(answer.ok.synced)) dropDays(folder);
  if ("error" in answer && answer.error.code === "core_broken") await restart();
  return unwrap(answer);
}

/** Whether a sync changed what a day shows. */
function movedBy({ acknowledged, quarantined, rejected, rewritten, changes, rows }: Synced): boolean {
  return acknowledged + quarantined + rejected + rewritten + changes + rows > 0;
}

/** After a fault of the core itself: everything durable is in the store, and a fresh worker opens it. */
async function restart(): Promise<void> {
  worker?.terminate();
  end(new CoreError({ code: "core_broken", message: "the core is started again" }));
  phone = undefined;
  await openCore(folder);
}

/** A sentence's key for an error of whatever kind. */
export function codeOf(error: unknown): string {
  return error instanceof CoreError ? error.code : "unexpected";
}

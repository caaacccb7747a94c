// What the core answers, as TypeScript. The names are the core's own. Decimals and points are texts: nothing here calculates them.

export interface CoreFault { code: string; message: string; detail?: string | null }
export type Answer<T> = { ok: T } | { error: CoreFault };

export interface Synced {
  requests: number; bytes_up: number; bytes_down: number; acknowledged: number; waiting: number; quarantined: number;
  rejected: number; rewritten: number; changes: number; rows: number; queued_s: number | null;
}
export type SyncProgress = Synced;
export type Round = { next: "again" | "done" | "queued"; synced: Synced; revoked: boolean };
export type RoundAnswer = Answer<Round>;
export type EnrolAnswer = Answer<{ device: string; person: string } | null>;

export type State = "pending" | "waiting" | "durable" | "quarantined" | "rejected";
export interface Counts { pending: number; waiting: number; durable: number; quarantined: number; rejected: number }
export interface Named { sku: string; name: string }
export interface Position { lat_e6: number; lon_e6: number }


export interface Visit {
  visit: string; route: string; date: string; retailer: string; person: string; in_ms: number; out_ms: number | null;
  position: Position | null; accuracy_m: number | null; stock: Record<string, number>; order: Record<string, number>;
  audits: Record<string, string>; note: string; conflicts: Conflict[]; flags: string[]; effective: boolean | null;
}
export interface Conflict { field: string; values: { value: string; device: string; at_ms: number }[] }

export interface Brief {
  last: { visit: string; date: string; counted: boolean; out: Named[] } | null;
  back: Named[]; pending: { date: string; cartons: number } | null; follow_ups: { id: string; text: string; date: string }[];
  birthday: [name: string, date: string] | null; appointment: { date: string; time: string } | null;
}

export interface DayStop {
  retailer: string; name: string; sequence: number | null; visits: Visit[]; missed: { reason: string; at_ms: number } | null;
  grade: number | null; format: string; position: Position | null; brief: Brief; state: State | null;
}
export interface DayRoute {
  route: string; name: string; planned: boolean; stands_in_for: string | null; note: { date: string; text: string } | null;
  diary: string; stops: DayStop[];
}
export interface Day { date: string; person: string; name: string; org: string; currency: string; zone: string; routes: DayRoute[]; open_visit: string | null }

export interface ShopHeader {
  retailer: string; name: string; route: string | null; route_name: string; sequence: number | null; grade: number | null;
  area: "town" | "rural" | null; format: string; position: Position | null;
}
export interface Draft { step: string; content: string; at_ms: number }
export interface VisitScreen extends Visit {
  shop: ShopHeader; brief: Brief; min_dwell_s: number; distance_m: number | null; state: State | null; drafts: Draft[];
}

export interface Line {
  sku: string; name: string; maker: string; packs_per_carton: number; price: string | null; last: number | null;
  counted: number | null; ordered: number | null; ordered_last: number | null; sold: number;
}
export interface CountSheet { visit: string; shop: string; last_date: string | null; lines: Line[]; others: Line[]; draft: string | null }
export interface OrderSheet {
  visit: string; shop: string; counted: boolean; lines: Line[]; others: Line[]; quota: Record<string, number>; draft: string | null;
}

export interface ShopListed { retailer: string; name: string; route: string; route_name: string; sequence: number; grade: number }
export interface ShopFile {
  contacts: Record<string, { name: string; role: string; phone: string; birthday: string | null }>;
  facts: Record<string, string>;
  log: Record<string, { at_ms: number; person: string; kind: string; text: string }>;
  followups: Record<string, { due: string | null; wakes_on: string | null; text: string; closed_ms: number | null }>;
  complaints: Record<string, { at_ms: number; text: string; severity: string | null }>;
}
export interface PastVisit {
  visit: string; date: string; person: string; in_ms: number; out_ms: number | null; packs: number | null; out: Named[];
  cartons: number; order: Record<string, number>; note: string;
}
export interface ShopScreen { shop: ShopHeader; file: ShopFile; brief: Brief; visits: PastVisit[]; sold: { monday: string; packs: number }[] }

export interface Title { en: string; zh: string }
export interface Share { points: string; acknowledged: string; pending: string; held_back: string }
export interface IndicatorView {
  id: string; status: "scored" | "no_plan" | "no_data"; actual?: string | null; plan?: string | null; points: string; title: Title;
  class: string; source: string; share: Share; weight: string | null; cap: string | null; capped: boolean;
}
export interface Gate {
  indicator: string; below: string; effect: string; judged_by: "progress" | "pace"; progress: string | null; progress_gated: boolean;
  pace: string | null; pace_gated: boolean;
}
export interface MonthView {
  month: string; as_of: string; scheme: string; scheme_title: Title; gated: boolean; gate: Gate | null; total: Share;
  indicators: IndicatorView[]; visits: { logged: number; effective: number; flags: Record<string, number> }; counts: Counts;
  complete_up_to_ms: number | null; last_sync_ms: number | null;
}
export interface Receipt {
  month: string; as_of: string; scheme: string; scheme_hash: string; indicator: string; title: Title; status: string;
  gated: boolean; points: string; steps: ReceiptStep[]; facts: Fact[]; names: ReceiptNames;
}
export interface ReceiptStep { name: string; what: string; what_zh: string; value: string | null }
export interface ReceiptNames { shops: Record<string, string>; skus: Record<string, string>; routes: Record<string, string>; people: Record<string, string> }
export interface VisitFact {
  visit: string; person: string; device: string; change: string; route: string; date: string; in_ms: number; out_ms: number | null;
  flags: string[]; effective: boolean;
}
export type Fact =
  | { kind: "target"; row: string; item: string | null; plan: string }
  | { kind: "sale"; row: string; route: string; packs: number; packs_per_carton: number; value: string }
  | { kind: "stop"; row: string; date: string; route: string; retailer: string; visited: boolean; visits: VisitFact[] }
  | { kind: "shop"; retailer: string; route: string; width: number; standard: number; reached: boolean }
  | { kind: "held"; retailer: string; sku: string; held: boolean; counted: number | null; visit: string | null; invoiced: number; rows: { row: string; packs: number }[] }
  | { kind: "stock_check" | "passed_over"; retailer: string; visit: VisitFact }
  | { kind: "transfer"; row: string; item: string | null; amount: string; with: string; by: string }
  | { kind: "event"; row: string; date: string; points: string; retailer: string | null; note: string }
  | { kind: "ruling"; row: string; revision: number; points: string; note: string; by: string; approved_by: string };

export interface Work {
  counts: Counts; last_sync_ms: number | null; complete_up_to_ms: number | null; queued_until_ms: number | null;
  person: string | null; server: string | null; open: OpenWork[]; damaged: { document: string; why: string }[]; unreadable: number;
  unfinished: Unfinished[];
  /** Head office was restored from a backup, and is still being offered what this phone holds. */
  offering: boolean;
  /** Head office does not know this phone: it was restored to a day before it was enrolled. */
  unknown: boolean;
  /** Disputes that are only on this phone. */
  filings: number;
}
export interface Unfinished {
  kind: "visit" | "stock" | "order" | "note" | "diary" | "route_note" | "week"; title: string; date: string; visit: string | null; at_ms: number;
}
export interface OpenWork {
  title: string; date: string; state: State; responsible: string | null;
  items: { action: string; at_ms: number; reason: { code: string; zh: string; en: string } | null; command: Record<string, unknown> }[];
}
export interface Week { monday: string; days: { date: string; route: string; route_name: string; planned: number; visited: number; missed: number; diary: string; note: string; diary_typed: string | null; note_typed: string | null }[] }
export interface Done { action: string; document: string; state: State; repeated: boolean; warnings: { warning: string }[] }

export interface OrderReason {
  code: "cover" | "keep_on_shelf" | "cut_to_quota" | "enough"; sold: { packs: number; days: number; out: boolean } | null; left: number;
  counted: string | null; incoming: number; packs_a_week: number; next_visit_days: number | null; cover_days: number;
  festival: { name: string; days: number; percent: number } | null; quota: { cartons: number; left: number } | null; wanted: number;
}
export interface Suggestion {
  retailer: string; date: string; week: string; next_visit: string | null; cartons: number; value: string | null;
  lines: { sku: string; name: string; cartons: number; value: string | null; reason: OrderReason }[];
}
export interface Unusual { compared_with: "own" | "peers"; cartons: number; usual: number; lower: number; upper: number; orders: number }
export interface WeekLine { date: string; retailer: string; name: string; text: string }
export interface WeekSummary {
  draft: { week: string; first: string; last: string; counts: Record<string, number> };
  text_en: string; text_zh: string; saved: { text: string; route: string; date: string } | null; typed: string | null;
}
export interface Points { points: string; lost_to_cap: string; lost_to_gate: string }
export interface WhatIf {
  before: { total: string; gated: boolean }; after: { total: string; gated: boolean }; difference: string;
  changes: { indicator: string; before: string | null; after: string }[];
  effects: { id: string; title: Title; before: Points; after: Points; difference: string }[];
}
export interface PublishedMonth {
  month: string; revision: number; score: { total?: string }; published_ms: number; published_by: string; held_back: string | null; verified: boolean;
}
export interface FiledDispute {
  id: string; month: string; revision: number; indicator: string; line: string; text: string; filed_ms: number;
  state: "pending" | "at_head_office" | "refused"; reason: string | null; ruling: { points: string; text: string; by: string; approved_by: string } | null;
}

/** Each call and what it answers. */
/** What the app begins with; nothing: nobody is enrolled. */
export interface Start { work: Work; day: Day }

export interface Calls {
  start: [Record<never, never>, Start | null];
  prepare: [Record<never, never>, null];
  /** One slice; whether more is left. */
  learn: [Record<never, never>, boolean];
  work: [Record<never, never>, Work];
  day: [{ date?: string }, Day];
  visit: [{ visit: string }, VisitScreen];
  count_sheet: [{ visit: string }, CountSheet];
  order_sheet: [{ visit: string }, OrderSheet];
  shops: [Record<never, never>, ShopListed[]];
  shop: [{ retailer: string }, ShopScreen];
  month: [{ month?: string }, MonthView];
  receipt: [{ month: string; indicator: string }, Receipt];
  week: [{ date?: string }, Week];
  suggest: [{ visit: string }, Suggestion];
  unusual: [{ visit: string; order: Record<string, number> }, Unusual[]];
  week_summary: [{ date: string }, WeekSummary];
  save_week: [{ date: string; text: string; draft?: string }, Done];
  what_if: [{ month: string; changes: { indicator: string; to: string }[] }, WhatIf];
  published: [{ month: string }, PublishedMonth[]];
  disputes: [{ month: string }, FiledDispute[]];
  file_dispute: [{ month: string; indicator: string; line: string; text: string }, string];
  rescue: [Record<never, never>, { person: string; made_ms: number; rounds: unknown[]; drafts: unknown[] }];
  access_token: [Record<never, never>, string];
  put_draft: [{ step: string; content: string }, null];
  drop_draft: [{ step: string }, null];
  finish_drafts: [Record<never, never>, number];
  check_in: [{ retailer: string; route?: string; position?: { lat_e6: number; lon_e6: number; accuracy_m: number } }, Done];
  count_stock: [{ visit: string; stock: Record<string, number | null>; draft?: string }, Done];
  plan_order: [{ visit: string; order: Record<string, number | null>; draft?: string }, Done];
  check_out: [{ visit: string }, Done];
  note: [{ visit: string; text: string; draft?: string }, Done];
  audit: [{ visit: string; item: string; value: string }, Done];
  remove_visit: [{ visit: string }, Done];
  report_missed: [{ retailer: string; route?: string; reason: string }, Done];
  diary: [{ route: string; date: string; text: string; draft?: string }, Done];
  route_note: [{ route: string; date: string; text: string; draft?: string }, Done];
  complain: [{ retailer: string; text: string; severity?: string }, Done];
  follow_up: [{ retailer: string; date: { due: string } | { wakes_on: string }; text: string }, Done];
  close_follow_up: [{ retailer: string; id: string }, Done];
  log_contact: [{ retailer: string; kind: string; text: string }, Done];
  put_contact: [{ retailer: string; id?: string; name: string; role: string; phone: string; birthday?: string }, Done];
  remove_contact: [{ retailer: string; id: string }, Done];
  set_fact: [{ retailer: string; key: string; value: string }, Done];
}

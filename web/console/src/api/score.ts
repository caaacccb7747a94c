// Scores as the server writes them. Points are decimal strings of four places: they are shown, added as whole numbers of
// 1/10000, and never become floating-point numbers.

export interface Indicator {
  id: string;
  status: "scored" | "no_plan" | "no_data";
  actual?: string | null;
  plan?: string | null;
  ruled?: string;
  points: string;
}

export interface Gate {
  indicator: string;
  below: string;
  judged_by: "progress" | "pace";
  progress: string | null;
  progress_gated: boolean;
  pace: string | null;
  pace_gated: boolean;
  planned_stops_so_far: number;
  planned_stops: number;
}

export interface ManagerScore {
  person_id: string;
  gated: boolean;
  total: string;
  indicators: Indicator[];
  gate: Gate | null;
}

export interface MonthScore {
  month: string;
  scheme: string;
  scheme_hash: string;
  as_of: string;
  managers: ManagerScore[];
  /** Only of an open month: what is published is what it is. */
  complete_up_to?: Record<string, number | null>;
  held_back?: Record<string, number>;
  documents_behind?: number;
}

export interface Step {
  name: string;
  what: string;
  what_zh: string;
  value: string | null;
}

export interface VisitFact {
  visit: string;
  person: string;
  device: string;
  change: string;
  route: string;
  date: string;
  in_ms: number;
  out_ms: number | null;
  flags: string[];
  effective: boolean;
}

export type Fact =
  | { kind: "target"; row: string; item: string | null; plan: string }
  | { kind: "sale"; row: string; route: string; packs: number; packs_per_carton: number; value: string }
  | { kind: "stop"; row: string; date: string; route: string; retailer: string; visited: boolean; visits: VisitFact[] }
  | { kind: "shop"; retailer: string; route: string; width: number; standard: number; reached: boolean }
  | { kind: "held"; retailer: string; sku: string; held: boolean; counted: number | null; invoiced: number }
  | { kind: "stock_check"; retailer: string; visit: VisitFact }
  | { kind: "passed_over"; retailer: string; visit: VisitFact }
  | { kind: "event"; row: string; date: string; points: string; retailer: string | null; note: string }
  | { kind: "ruling"; row: string; revision: number; points: string; note: string };

export interface Receipt {
  month: string;
  as_of: string;
  scheme: string;
  scheme_hash: string;
  person_id: string;
  indicator: string;
  title: { zh: string; en: string };
  status: string;
  gated: boolean;
  points: string;
  steps: Step[];
  facts: Fact[];
}

export interface StarsTable {
  quarter: string;
  scheme: string;
  managers: { person_id: string; mean: string | null; stars: number; monthly_pay: string | null; rank: number | null; tie: boolean }[];
  months: { month: string; status: "open" | "published"; revision: number | null }[];
  warnings: string[];
}

const UNIT = 10_000n;

/** `"-1.5"` → -15000n. */
export function tenThousandths(points: string): bigint {
  const negative = points.startsWith("-");
  const [whole = "0", fraction = ""] = points.replace("-", "").split(".");
  const size = BigInt(whole) * UNIT + BigInt(fraction.padEnd(4, "0").slice(0, 4));
  return negative ? -size : size;
}

export function sumOf(points: readonly string[]): string {
  const sum = points.reduce((sum, one) => sum + tenThousandths(one), 0n);
  const size = sum < 0n ? -sum : sum;
  return `${sum < 0n ? "-" : ""}${size / UNIT}.${String(size % UNIT).padStart(4, "0")}`;
}

/** To two places, for a narrow column; the receipt has all four. A half goes to the even neighbour, as it is rounded once. */
export function twoPlaces(points: string): string {
  const value = tenThousandths(points);
  const size = value < 0n ? -value : value;
  let cents = size / 100n;
  const rest = size % 100n;
  if (rest > 50n || (rest === 50n && cents % 2n === 1n)) cents += 1n;
  return `${value < 0n && cents > 0n ? "−" : ""}${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;
}

/** A ratio of four places as a percentage with one: `"1.1662"` → `116.6%`. */
export function percent(ratio: string): string {
  const tenths = (tenThousandths(ratio) + 5n) / 10n;
  return `${tenths / 10n}.${tenths % 10n}%`;
}

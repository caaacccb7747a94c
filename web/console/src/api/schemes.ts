// Two schemes side by side, and one tried on a quarter, as the server writes them.

import { Problem, post } from "./client.ts";

/** A stored version, or a text that is stored nowhere. */
export type SchemeRef = { hash: string } | { text: string };

export interface Named {
  hash: string;
  id: string;
  title: { zh: string; en: string };
  valid_from: string | null;
}

export interface Change {
  field: string;
  a: string | null;
  b: string | null;
}

export type Verdict = "same" | "changed" | "added" | "removed";

export interface Comparison {
  a: Named;
  b: Named;
  same: boolean;
  general: Change[];
  gate: Change[];
  visits: Change[];
  indicators: { id: string; verdict: Verdict; fields: Change[] }[];
  stars: Change[];
}

export interface ReplayedManager {
  person_id: string;
  now: string;
  then: string;
  difference: string;
  gated_now: boolean;
  gated_then: boolean;
  indicators: { id: string; now: string | null; then: string | null; difference: string }[];
}

export interface ReplayedStars {
  person_id: string;
  mean_now: string | null;
  mean_then: string | null;
  difference: string | null;
  rank_now: number | null;
  rank_then: number | null;
  stars_now: number;
  stars_then: number;
  monthly_pay_now: string | null;
  monthly_pay_then: string | null;
  tie_now: boolean;
  tie_then: boolean;
}

export interface Reading {
  gate: "cap_at_weight" | "no_points" | null;
  months: { month: string; managers: ReplayedManager[] }[];
  stars: ReplayedStars[] | null;
  warnings: string[];
}

export interface Replay {
  scheme: Named;
  months: { month: string; scheme_now: string }[];
  readings: Reading[];
}

export interface ReplayBody {
  scheme: SchemeRef;
  quarter: string;
  gate: "both" | "as_written";
}

/** A quarter by a scheme, with both readings of its gate; a scheme without a gate has one. Also answers what was asked. */
export async function replayed(scheme: SchemeRef, quarter: string): Promise<{ body: ReplayBody; replay: Replay }> {
  const ask = async (gate: ReplayBody["gate"]) => {
    const body = { scheme, quarter, gate };
    return { body, replay: await post<Replay>("/v1/schemes/replay", body) };
  };
  try {
    return await ask("both");
  } catch (fault) {
    if (fault instanceof Problem && fault.code === "invalid") return ask("as_written");
    throw fault;
  }
}

// Transfers, goals and roll-ups as the server writes them.

export interface Transfer {
  id: string;
  from: string;
  to: string;
  month: string;
  indicator: string;
  item: string | null;
  amount: string;
  reason: string;
  proposed_by: string;
  proposed_ms: number;
  from_agreed_ms: number | null;
  to_agreed_ms: number | null;
  closed: { confirmed: boolean; by: string; at_ms: number; reason: string } | null;
}

export interface Goal {
  id: string;
  title: string;
  measure: string;
  target: string;
  agreed_by: { person: number | null; supervisor: number | null };
  agreed: boolean;
  actual: string | null;
  progress: string | null;
  reached: boolean;
  how: "sum" | "quotient" | "latest" | null;
  faults: string[];
  warnings: string[];
}

export interface PersonGoals {
  person_id: string;
  quarter: string;
  goals: Goal[];
  faults: string[];
}

export interface RollUp {
  by: string;
  period: string;
  months: { month: string; status: "open" | "published"; revision: number | null }[];
  rows: {
    unit: string;
    name: string;
    members: string[];
    total: string;
    gated_months: number;
    indicators: { id: string; title: { zh: string; en: string }; points: string; actual: string | null; plan: string | null; reached: string | null }[];
  }[];
  how: string[];
}

export interface Outlets {
  period: string;
  rows: {
    retailer: string;
    route: string | null;
    value: string;
    value_per_carton: string | null;
    planned: number;
    visited: number;
    width: number | null;
    standard: number | null;
  }[];
  names: Record<string, string>;
  how: string;
}

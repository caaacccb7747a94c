// What the scores' pages have in common: the schemes, the names, the months beside each other.

import { get, type Schemas } from "../../api/client.ts";
import { useLoad, type Loaded } from "../../state/load.ts";

export type SchemeView = Schemas["SchemeView"];
export type IndicatorView = Schemas["IndicatorView"];

export interface Common {
  schemes: Schemas["SchemeRow"][];
  names: Map<string, string>;
  managers: Schemas["PersonRow"][];
}

export function useCommon(): Loaded<Common> {
  return useLoad("common", async (signal) => {
    const [schemes, people] = await Promise.all([
      get<Schemas["SchemeRow"][]>("/v1/schemes", {}, signal),
      get<Schemas["PersonRow"][]>("/v1/people", {}, signal),
    ]);
    return { schemes, names: new Map(people.map((person) => [person.person_id, person.name])), managers: people.filter((person) => person.role === "manager") };
  });
}

/** The scheme that a score was made by. */
export function schemeOf(common: Common, hash: string): SchemeView | undefined {
  return common.schemes.find((row) => row.hash === hash)?.scheme ?? undefined;
}

export function monthOf(date: string): string {
  return date.slice(0, 7);
}

/** `2026-08`, -1 → `2026-07`. */
export function plusMonths(month: string, months: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const at = year * 12 + number - 1 + months;
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, "0")}`;
}

/** `2026Q3`, 2 → `["2026Q3", "2026Q2"]`. */
export function quartersTo(last: string, count: number): string[] {
  const at = Number(last.slice(0, 4)) * 4 + Number(last.slice(5)) - 1;
  return Array.from({ length: count }, (_, n) => `${Math.floor((at - n) / 4)}Q${((at - n) % 4) + 1}`);
}

export function quarterOf(month: string): string {
  return `${month.slice(0, 4)}Q${Math.ceil(Number(month.slice(5, 7)) / 3)}`;
}

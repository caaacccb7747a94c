// Tables: sortable by their heads, scrolled within their card, and each can be taken away.

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { keep, sayProblem } from "../api/client.ts";
import { lang, t } from "../state/lang.ts";

export interface Column<R> {
  key: string;
  head: string;
  /** Number columns stand right and sort greatest first. */
  number?: boolean;
  cell: (row: R) => ComponentChildren;
  /** What to sort by; without it the column does not sort. */
  by?: (row: R) => string | number;
}

export interface Sort {
  key: string;
  down: boolean;
}

export function sorted<R>(rows: readonly R[], columns: readonly Column<R>[], sort: Sort | null): readonly R[] {
  const by = sort && columns.find((column) => column.key === sort.key)?.by;
  if (!sort || !by) return rows;
  const order = (a: string | number, b: string | number) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "zh-CN");
  return [...rows].sort((a, b) => (sort.down ? -1 : 1) * order(by(a), by(b)));
}

export function HeadCell<R>({ column, sort, onSort }: { column: Column<R>; sort: Sort | null; onSort: (sort: Sort) => void }) {
  const on = sort?.key === column.key;
  const state = on ? (sort.down ? "descending" : "ascending") : undefined;
  // A column of buttons has no name to be read.
  if (!column.head) return <td />;
  return (
    <th scope="col" class={column.number ? "r" : ""} aria-sort={state}>
      {column.by ? (
        <button class="sorts" onClick={() => onSort({ key: column.key, down: on ? !sort.down : !!column.number })}>
          {column.head}<span aria-hidden="true">{on ? (sort.down ? " ↓" : " ↑") : ""}</span>
        </button>
      ) : column.head}
    </th>
  );
}

export function Table<R>(props: {
  rows: readonly R[];
  columns: readonly Column<R>[];
  id: (row: R) => string;
  label: string;
  first?: Sort;
  tight?: boolean;
  rowClass?: (row: R) => string;
  foot?: ComponentChildren;
  /** Heads over several columns, in order: what they are called, and how many columns. */
  groups?: readonly (readonly [head: string, span: number])[];
}) {
  const [sort, setSort] = useState<Sort | null>(props.first ?? null);
  const rows = useMemo(() => sorted(props.rows, props.columns, sort), [props.rows, props.columns, sort]);
  return (
    <div class="scrolls" tabIndex={0} role="group" aria-label={props.label}>
      <table class={`t${props.tight === false ? "" : " tight"}${props.groups ? " grouped" : ""}`}>
        <thead>
          {props.groups && <tr>{props.groups.map(([head, span], n) => (head ? <th key={n} scope="colgroup" class="gh" colSpan={span}>{head}</th> : <td key={n} colSpan={span} />))}</tr>}
          <tr>{props.columns.map((column) => <HeadCell key={column.key} column={column} sort={sort} onSort={setSort} />)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={props.id(row)} class={props.rowClass?.(row) ?? ""}>
              {props.columns.map((column) => <td key={column.key} class={column.number ? "r" : ""}>{column.cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
        {props.foot && <tfoot>{props.foot}</tfoot>}
      </table>
    </div>
  );
}

/** As [`TakeAway`], where what is asked has a body. */
export function TakePosted({ path, body }: { path: string; body: unknown }) {
  const [fault, setFault] = useState("");
  const take = (format: string) => keep(`${path}?format=${format}&lang=${lang.value}`, body).then(() => setFault(""), (problem: unknown) => setFault(sayProblem(problem)));
  return (
    <span class="row takeaway">
      {fault && <span class="fault" role="alert">{fault}</span>}
      <Icon name="download" size="s" />
      <button class="link" onClick={() => void take("csv")}>{t("do.csv")}</button>
      <button class="link" onClick={() => void take("xlsx")}>{t("do.xlsx")}</button>
    </span>
  );
}

/** The same table as files; the server writes them. */
export function TakeAway({ path }: { path: string }) {
  const at = (format: string) => `${path}${path.includes("?") ? "&" : "?"}format=${format}&lang=${lang.value}`;
  return (
    <span class="row takeaway">
      <Icon name="download" size="s" />
      <a class="link" href={at("csv")} download>{t("do.csv")}</a>
      <a class="link" href={at("xlsx")} download>{t("do.xlsx")}</a>
    </span>
  );
}

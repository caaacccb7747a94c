// The managers' rows. A district may have a thousand: only those in view are in the page, and only those that changed are
// drawn again.

import { Component } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { grouped } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { lang, t } from "../../state/lang.ts";
import { link } from "../../state/route.ts";
import { now } from "../../state/clock.ts";
import { Chip, FlagChips, lasting, money, range, RangeBar, when } from "../../ui/bits.tsx";
import { HeadCell, sorted, type Column, type Sort } from "../../ui/table.tsx";
import type { Board, Manager } from "./board.ts";

const ROW_PX = 59;
/** Rows above and below those in view. */
const BEYOND = 8;
/** Up to so many all are in the page: the browser's own search finds them. */
const ALL = 120;

const routesOf = (manager: Manager) => manager.routes.map((route) => route.name).join(lang.value === "zh" ? "、" : ", ");
const least = (manager: Manager) => manager.state === "stale" || manager.counting;

function columns(withMissed: boolean): Column<Manager>[] {
  const open = (manager: Manager) => manager.state === "silent";
  const count = (value: (manager: Manager) => string, strong = false) => (manager: Manager) =>
    manager.state === "no_plan" ? <span class="dim">–</span>
    : open(manager) ? <span class="unkt">?</span>
    : strong ? <b>{value(manager)}{least(manager) ? "+" : ""}</b> : <>{value(manager)}{least(manager) ? "+" : ""}</>;
  return [
    { key: "name", head: t("col.name"), cell: (m) => <b>{m.name}</b>, by: (m) => m.name },
    { key: "route", head: t("col.route"), cell: (m) => (m.routes.length > 0 ? <span class="clip routes">{routesOf(m)}</span> : <span class="dim">{t("today.noplan")}</span>), by: routesOf },
    { key: "upto", head: t("col.upto"), cell: (m) => <UpTo manager={m} />, by: (m) => m.complete_up_to_ms ?? 0 },
    {
      key: "effective", head: t("col.effective"), by: (m) => m.counts.effective,
      cell: (m) => m.state === "no_plan" ? <span class="dim">–</span> : (
        <span class="vis"><span class="rngv"><b>{range(m.counts.effective, m.effective_max)}</b><span class="muted"> / {m.counts.planned}</span></span>
          <RangeBar known={m.counts.effective} most={m.effective_max} of={Math.max(m.counts.planned, m.effective_max)} /></span>
      ),
    },
    { key: "visited", head: t("col.visited"), number: true, cell: count((m) => grouped(m.counts.visited)), by: (m) => m.counts.visited },
    { key: "checked", head: t("col.checked"), number: true, cell: count((m) => grouped(m.counts.stock_checked)), by: (m) => m.counts.stock_checked },
    ...(withMissed ? [{ key: "missed", head: t("col.missed"), number: true, cell: count((m) => grouped(m.counts.missed)), by: (m: Manager) => m.counts.missed }] : []),
    { key: "cartons", head: t("col.cartons"), number: true, cell: count((m) => grouped(m.counts.order_cartons), true), by: (m) => m.counts.order_cartons },
    { key: "value", head: t("col.value"), number: true, cell: count((m) => money(m.counts.order_value)), by: (m) => Number(m.counts.order_value) },
    {
      key: "flags", head: t("col.flags"), by: (m) => Object.values(m.counts.flags).reduce((a, b) => a + b, 0),
      cell: (m) => (
        <span class="chips">
          {m.held_back > 0 && <Chip kind="out" icon="refused">{m.held_back} {t("devices.held")}</Chip>}
          {m.state === "silent" ? <span class="unkt">?</span> : (m.held_back === 0 || Object.keys(m.counts.flags).length > 0) && <FlagChips flags={m.counts.flags} />}
        </span>
      ),
    },
  ];
}

function UpTo({ manager }: { manager: Manager }) {
  const at = manager.complete_up_to_ms;
  const shown = at == null ? t("today.never") : when(at);
  if (manager.state === "live") {
    return <span class="upto live"><Icon name="check" size="s" /><span><b>{shown}</b>{manager.counting && <span class="micro">{t("today.counting")}</span>}</span></span>;
  }
  if (manager.state === "no_plan" || manager.state === "ahead") return <span class="upto none"><b>{at == null ? "–" : shown}</b></span>;
  return (
    <span class={`upto ${manager.state}`}><Icon name="clock" size="s" />
      <span><b>{shown}</b><span class="micro">{manager.state === "silent" || at == null ? t("today.nosync") : <Quiet since={at} />}</span></span>
    </span>
  );
}

/** Reads the clock by itself, so that the row needn't be drawn again for it. */
function Quiet({ since }: { since: number }) {
  return <>{t("today.quiet", { d: lasting(now.value - since) })}</>;
}

interface RowProps {
  manager: Manager;
  date: string;
  columns: Column<Manager>[];
}

class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps) {
    return next.manager !== this.props.manager || next.columns !== this.props.columns || next.date !== this.props.date;
  }
  override render({ manager, date, columns }: RowProps) {
    const to = link("today", date, manager.person_id);
    return (
      <tr class={manager.state} data-person={manager.person_id} onClick={(event) => {
        if (!(event.target as Element).closest("a")) location.hash = to;
      }}>
        {columns.map((column, n) => (
          <td key={column.key} class={column.number ? "r" : ""}>{n === 0 ? <a class="plain" href={to}>{column.cell(manager)}</a> : column.cell(manager)}</td>
        ))}
        <td class="dim"><Icon name="forward" size="s" /></td>
      </tr>
    );
  }
}

export function ManagerTable({ board, managers }: { board: Board; managers: readonly Manager[] }) {
  const [sort, setSort] = useState<Sort | null>(null);
  // A column of zeros only would take room from those that say something.
  const withMissed = board.totals.counts.missed > 0;
  const table = useMemo(() => columns(withMissed), [lang.value, withMissed]);
  const rows = useMemo(() => sorted(managers, table, sort), [managers, table, sort]);
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => setView((before) => {
      const next = { top: Math.floor(element.scrollTop / ROW_PX) * ROW_PX, height: element.clientHeight };
      return next.top === before.top && next.height === before.height ? before : next;
    });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  const all = rows.length <= ALL;
  const first = all ? 0 : Math.max(0, Math.floor(view.top / ROW_PX) - BEYOND);
  const last = all ? rows.length : Math.min(rows.length, Math.ceil((view.top + view.height) / ROW_PX) + BEYOND);
  const { totals } = board;
  const more = totals.exact ? "" : "+";
  return (
    <div class="scrolls" ref={box} tabIndex={0} role="group" aria-label={t("today.managers")}>
      <table class="t board" aria-rowcount={rows.length + 2}>
        <thead><tr>{table.map((column) => <HeadCell key={column.key} column={column} sort={sort} onSort={setSort} />)}<th aria-hidden="true" /></tr></thead>
        <tbody>
          {first > 0 && <tr class="gap" aria-hidden="true"><td colSpan={table.length + 1} style={{ height: `${first * ROW_PX}px` }} /></tr>}
          {rows.slice(first, last).map((manager) => <Row key={manager.person_id} manager={manager} date={board.date} columns={table} />)}
          {last < rows.length && <tr class="gap" aria-hidden="true"><td colSpan={table.length + 1} style={{ height: `${(rows.length - last) * ROW_PX}px` }} /></tr>}
          {rows.length === 0 && <tr><td colSpan={table.length + 1} class="muted">{t("today.none")}</td></tr>}
        </tbody>
        <tfoot>
          <tr>
            <td><b>{t("today.total")}</b></td>
            <td>{t("today.routes", { n: grouped(totals.routes) })}</td>
            <td>{totals.complete_up_to_ms == null ? "?" : when(totals.complete_up_to_ms)}</td>
            <td><span class="rngv"><b>{range(totals.counts.effective, totals.effective_max)}</b><span class="muted"> / {grouped(totals.counts.planned)}</span></span></td>
            <td class="r">{grouped(totals.counts.visited)}{more}</td>
            <td class="r">{grouped(totals.counts.stock_checked)}{more}</td>
            {withMissed && <td class="r">{grouped(totals.counts.missed)}{more}</td>}
            <td class="r"><b>{grouped(totals.counts.order_cartons)}{more}</b></td>
            <td class="r">{money(totals.counts.order_value)}{more}</td>
            <td>{Object.values(totals.counts.flags).reduce((a, b) => a + b, 0)}{more}</td>
            <td />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

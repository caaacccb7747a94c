// The beat plan: a month's days with their routes. A day's route is dragged to another day, or moved by its button.

import { useEffect, useState } from "preact/hooks";
import { dayWithWeekday, monthName } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { get, type Schemas } from "../../api/client.ts";
import { lang, t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { link } from "../../state/route.ts";
import { may, me } from "../../state/session.ts";
import { Loads, StateBox } from "../../ui/states.tsx";
import { TakeAway } from "../../ui/table.tsx";
import { monthOf, plusMonths } from "../scores/data.ts";
import { MoveDialog, type Moving } from "./move.tsx";

type Row = Schemas["CalendarRow"];

/** More routes of a day are listed when that is asked for. */
const SHOWN = 12;

export function CalendarPage() {
  const [month, setMonth] = useState(monthOf(me().today));
  const [moving, setMoving] = useState<Moving>();
  const [done, setDone] = useState("");
  const calendar = useLoad(month, (signal) => get<Row[]>(`/v1/calendar/${month}`, {}, signal));
  return (
    <section class="card one" aria-label={t("run.calendar")}>
      <div class="row sech">
        <button class="btn btn--icon sm" aria-label={monthName(plusMonths(month, -1), lang.value)} onClick={() => setMonth(plusMonths(month, -1))}><Icon name="back" size="s" /></button>
        <h2>{monthName(month, lang.value)} <small class="muted">{month.slice(0, 4)}</small></h2>
        <button class="btn btn--icon sm" aria-label={monthName(plusMonths(month, 1), lang.value)} onClick={() => setMonth(plusMonths(month, 1))}><Icon name="forward" size="s" /></button>
        <span class="grow small muted">{may("admin") && t("calendar.how")}</span><TakeAway path={`/v1/tables/calendar?month=${month}`} />
      </div>
      <p class={done ? "small inset" : "hidden"} role="status">{done}</p>
      <Loads of={calendar}>{(rows) => <Days month={month} rows={rows} onMove={setMoving} />}</Loads>
      {moving && <MoveDialog moving={moving} onClose={(moved) => {
        if (moved) setDone(t("calendar.moved", { route: moving.row.route, to: dayWithWeekday(moved, lang.value) }));
        setMoving(undefined);
        if (moved) calendar.again();
      }} />}
    </section>
  );
}

function Days({ month, rows, onMove }: { month: string; rows: Row[]; onMove: (moving: Moving) => void }) {
  const [dragged, setDragged] = useState<Row>();
  const [over, setOver] = useState("");
  useEffect(() => document.querySelector(".calendar__today")?.scrollIntoView({ block: "nearest" }), [month]);
  if (rows.length === 0) return <StateBox icon="list" head={t("calendar.none")} why={t("today.empty.why")} />;
  const first = new Date(`${month}-01T00:00:00Z`);
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const days = Array.from({ length }, (_, n) => `${month}-${String(n + 1).padStart(2, "0")}`);
  const lead = (first.getUTCDay() + 6) % 7;
  // What was planned for a day that is over stays, and a route is planned once a day.
  const takes = (date: string) => dragged && date >= me().today && date !== dragged.date && !rows.some((row) => row.date === date && row.route_id === dragged.route_id);
  return (
    <div class="scrolls" tabIndex={0} role="group" aria-label={t("run.calendar")}>
      <ol class="calendar">
        {Array.from({ length: lead }, (_, n) => <li key={`lead${n}`} class="calendar__none" aria-hidden="true" />)}
        {days.map((date) => (
          <li
            key={date} data-date={date}
            class={`${date === me().today ? "calendar__today" : ""}${over === date && takes(date) ? " calendar__over" : ""}`}
            onDragOver={(event) => { if (takes(date)) { event.preventDefault(); setOver(date); } }}
            onDragLeave={() => setOver("")}
            onDrop={(event) => { event.preventDefault(); setOver(""); if (dragged && takes(date)) onMove({ row: dragged, to: date }); }}
          >
            <a class="plain" href={link("today", date)}><b>{dayWithWeekday(date, lang.value)}</b></a>
            <Planned date={date} rows={rows.filter((row) => row.date === date)} onMove={onMove} onDrag={setDragged} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function Planned(props: { date: string; rows: Row[]; onMove: (moving: Moving) => void; onDrag: (row: Row | undefined) => void }) {
  const { date, rows } = props;
  const [all, setAll] = useState(false);
  const movable = may("admin") && date >= me().today;
  if (rows.length === 0) return null;
  return (
    <>
      <span class="small muted"> {t("calendar.planned", { n: rows.length })}</span>
      <ul>
        {rows.slice(0, all ? rows.length : SHOWN).map((row) => (
          <li key={row.route_id} class="small clip">
            {movable ? (
              <button class="planned" draggable title={t("calendar.move")} onClick={() => props.onMove({ row })} onDragEnd={() => props.onDrag(undefined)}
                onDragStart={(event) => { event.dataTransfer?.setData("text/plain", row.route_id); props.onDrag(row); }}><b>{row.person ?? "?"}</b> {row.route}</button>
            ) : <><b>{row.person ?? "?"}</b> {row.route}</>}
          </li>
        ))}
      </ul>
      {!all && rows.length > SHOWN && <button class="link" onClick={() => setAll(true)}>{t("do.show.all", { n: rows.length - SHOWN })}</button>}
    </>
  );
}

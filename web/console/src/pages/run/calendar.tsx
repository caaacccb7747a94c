// The beat plan: a month's days with their routes.

import { useState } from "preact/hooks";
import { dayWithWeekday, monthName } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { get, type Schemas } from "../../api/client.ts";
import { lang, t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { link } from "../../state/route.ts";
import { me } from "../../state/session.ts";
import { Loads, StateBox } from "../../ui/states.tsx";
import { TakeAway } from "../../ui/table.tsx";
import { monthOf, plusMonths } from "../scores/data.ts";

type Row = Schemas["CalendarRow"];

export function CalendarPage() {
  const [month, setMonth] = useState(monthOf(me().today));
  const calendar = useLoad(month, (signal) => get<Row[]>(`/v1/calendar/${month}`, {}, signal));
  return (
    <section class="card one" aria-label={t("run.calendar")}>
      <div class="row sech">
        <button class="btn btn--icon sm" aria-label={monthName(plusMonths(month, -1), lang.value)} onClick={() => setMonth(plusMonths(month, -1))}><Icon name="back" size="s" /></button>
        <h2>{monthName(month, lang.value)} <small class="muted">{month.slice(0, 4)}</small></h2>
        <button class="btn btn--icon sm" aria-label={monthName(plusMonths(month, 1), lang.value)} onClick={() => setMonth(plusMonths(month, 1))}><Icon name="forward" size="s" /></button>
        <span class="grow" /><TakeAway path={`/v1/tables/calendar?month=${month}`} />
      </div>
      <Loads of={calendar}>{(rows) => <Days month={month} rows={rows} />}</Loads>
    </section>
  );
}

function Days({ month, rows }: { month: string; rows: Row[] }) {
  if (rows.length === 0) return <StateBox icon="list" head={t("calendar.none")} why={t("today.empty.why")} />;
  const first = new Date(`${month}-01T00:00:00Z`);
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const days = Array.from({ length }, (_, n) => `${month}-${String(n + 1).padStart(2, "0")}`);
  const lead = (first.getUTCDay() + 6) % 7;
  return (
    <div class="scrolls" tabIndex={0} role="group" aria-label={t("run.calendar")}>
      <ol class="calendar">
        {Array.from({ length: lead }, (_, n) => <li key={`lead${n}`} class="calendar__none" aria-hidden="true" />)}
        {days.map((date) => {
          const planned = rows.filter((row) => row.date === date);
          return (
            <li key={date} class={date === me().today ? "calendar__today" : ""}>
              <a class="plain" href={link("today", date)}><b>{dayWithWeekday(date, lang.value)}</b></a>
              {planned.length > 0 && <span class="small muted"> {t("calendar.planned", { n: planned.length })}</span>}
              <ul>{planned.slice(0, 12).map((row) => <li key={row.route_id} class="small clip"><b>{row.person ?? "?"}</b> {row.route}</li>)}</ul>
              {planned.length > 12 && <span class="small muted">{t("do.show.all", { n: planned.length - 12 })}</span>}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

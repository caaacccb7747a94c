// One manager's day: visit by visit, and where.

import { dayWithWeekday } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { useEffect } from "preact/hooks";
import { get, type Schemas } from "../../api/client.ts";
import { lang, t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { link } from "../../state/route.ts";
import { Chip, clockOf, FlagChips, lasting, money, range, RangeBar, when } from "../../ui/bits.tsx";
import { Header } from "../../ui/header.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { TakeAway } from "../../ui/table.tsx";
import { useBoard, type Manager } from "./board.ts";
import { StopMap } from "./map.tsx";

type Day = Schemas["Day"];
type Visit = Schemas["VisitRow"];

export function DayPage({ date, person }: { date: string; person: string }) {
  const { board } = useBoard(date);
  const manager = board?.managers.find((manager) => manager.person_id === person);
  const day = useLoad(`${date}/${person}`, (signal) => get<Day>(`/v1/days/${date}/${encodeURIComponent(person)}`, {}, signal));
  // The board says when something of this manager changed; the visits follow it.
  const again = day.again;
  useEffect(() => again(), [manager]);
  const name = manager?.name ?? day.data?.name ?? person;
  return (
    <>
      <Header live title={name} sub={<><a href={link("today", date)}>{t("today.title")}</a> / {dayWithWeekday(date, lang.value)}{manager && <> / {manager.routes.map((route) => route.name).join(lang.value === "zh" ? "、" : ", ")}</>}</>} />
      {manager && <Summary manager={manager} />}
      <div class="two">
        <section class="card" aria-label={t("day.timeline")}>
          <div class="row sech"><h2 class="grow">{t("day.timeline")}</h2><TakeAway path={`/v1/tables/day?date=${date}&person=${encodeURIComponent(person)}`} /></div>
          <Loads of={day}>{(day) => <Timeline day={day} />}</Loads>
        </section>
        <aside>
          {board && <StopMap board={board} only={person} />}
          {day.data && <Aside day={day.data} />}
        </aside>
      </div>
    </>
  );
}

function Summary({ manager }: { manager: Manager }) {
  const least = manager.effective_max > manager.counts.effective;
  const at = manager.complete_up_to_ms;
  return (
    <section class="card vsum">
      <div>
        <p class="k">{t("today.visits")}</p>
        <p class="n n--title">{range(manager.counts.effective, manager.effective_max)}<span class="u">/ {manager.counts.planned}</span></p>
        <RangeBar big known={manager.counts.effective} most={manager.effective_max} of={manager.counts.planned} />
      </div>
      <div><p class="k">{t("col.upto")}</p><p class="n n--title">{at == null ? "?" : when(at)}</p><p class="small muted">{manager.state === "silent" ? t("today.nosync") : manager.state === "live" ? t("live.live") : ""}</p></div>
      <div><p class="k">{t("visit.count")}</p><p class="n n--title">{manager.counts.stock_checked}{least ? "+" : ""}</p></div>
      <div><p class="k">{t("today.order")}</p><p class="n n--title">{manager.counts.order_cartons}<span class="u">{t(least ? "today.cartons.least" : "today.cartons")}</span></p><p class="small muted">{t("money", { v: money(manager.counts.order_value) })}</p></div>
      <div><p class="k">{t("col.flags")}</p><FlagChips flags={manager.counts.flags} /></div>
    </section>
  );
}

function Timeline({ day }: { day: Day }) {
  if (day.visits.length === 0) return <StateBox icon="list" head={t("day.none")} why={t("day.none.why")} />;
  return (
    <ol class="daylist" tabIndex={0} aria-label={t("day.timeline")}>
      {day.visits.map((visit, n) => <VisitLine key={visit.visit} visit={visit} day={day} before={day.visits[n - 1]} />)}
    </ol>
  );
}

function VisitLine({ visit, day, before }: { visit: Visit; day: Day; before: Visit | undefined }) {
  const own = day.routes.find((route) => route.route_id === visit.route_id);
  const travel = before?.out_ms != null && visit.in_ms > before.out_ms ? visit.in_ms - before.out_ms : undefined;
  return (
    <li class={visit.effective ? "ok" : "not"}>
      <a class="plain visitline" href={link("today", day.date, "visit", visit.route_id, visit.visit)}>
        <span class="visitline__at"><b>{clockOf(visit.in_ms)}</b><span class="small muted">{visit.out_ms == null ? t("visit.open") : clockOf(visit.out_ms)}</span></span>
        <span class="grow">
          <b>{visit.shop}</b>{" "}
          <span class="small muted">
            {visit.sequence != null && t("visit.stop", { n: visit.sequence })}
            {own && !own.responsible && <> · {t("day.other", { route: own.name })}</>}
            {visit.person_id !== day.person_id && <> · {visit.person}</>}
            {travel !== undefined && <> · {t("day.travel", { t: lasting(travel) })}</>}
          </span>
          <span class="chips">
            {!visit.effective && <Chip kind="plain" icon="minus">{t("visit.not")}</Chip>}
            {visit.flags.length > 0 && <FlagChips flags={visit.flags} />}
            {visit.out_of_stock > 0 && <Chip kind="out" icon="out">{t("visit.outs", { n: visit.out_of_stock })}</Chip>}
            {visit.note && <Chip kind="plain" icon="talk"><span class="clip note">{visit.note}</span></Chip>}
          </span>
        </span>
        <span class="end"><b>{visit.counted}</b> <span class="small muted">{t("unit.sku")}</span></span>
        <span class="end visitline__order"><b>{visit.order_cartons}</b> <span class="small muted">{t("unit.carton")}</span><br /><span class="small muted">{t("money", { v: money(visit.order_value) })}</span></span>
        <Icon name="forward" size="s" />
      </a>
    </li>
  );
}

function Aside({ day }: { day: Day }) {
  const diaries = day.routes.filter((route) => route.diary);
  const faults = day.routes.filter((route) => route.faults.length > 0);
  return (
    <>
      {day.missed.length > 0 && (
        <section class="card why"><h2 class="sech">{t("day.missed")}</h2>
          {day.missed.map((stop) => <p key={stop.retailer_id}><b>{stop.name}</b> <span class="muted">{stop.reason} · {clockOf(stop.at_ms)}</span></p>)}
        </section>
      )}
      {diaries.map((route) => <section key={route.route_id} class="card why"><h2 class="sech">{t("day.diary")} <small>{route.name}</small></h2><p class="pre">{route.diary}</p></section>)}
      {faults.map((route) => <section key={route.route_id} class="card why"><h2 class="sech">{t("day.faults")}</h2>{route.faults.map((fault) => <p key={fault} lang="en">{fault}</p>)}</section>)}
    </>
  );
}

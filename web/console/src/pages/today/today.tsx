// Today: every manager, as far as head office knows.

import { useMemo, useState } from "preact/hooks";
import { dayWithWeekday, grouped, plusDays } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { lang, t } from "../../state/lang.ts";
import { go, link } from "../../state/route.ts";
import { me } from "../../state/session.ts";
import { clockOf, money, range, RangeBar, when } from "../../ui/bits.tsx";
import { Header } from "../../ui/header.tsx";
import { ProblemBox, Skeleton, StateBox } from "../../ui/states.tsx";
import { TakeAway } from "../../ui/table.tsx";
import { useBoard, type Board, type Manager } from "./board.ts";
import { ManagerTable } from "./managers.tsx";
import { StopMap } from "./map.tsx";

export function TodayPage({ date }: { date?: string }) {
  const { board, problem } = useBoard(date);
  const shown = date ?? board?.date ?? me().today;
  const isToday = shown === me().today;
  return (
    <>
      <Header
        live
        title={isToday ? t("today.title") : t("today.past")}
        sub={<>{me().district} · {dayWithWeekday(shown, lang.value)}</>}
      >
        <DatePicker date={shown} />
      </Header>
      {problem && board && (
        <p class="banner" role="status"><Icon name="clock" size="s" />
          <span><b>{problem.offline ? t("live.lost") : problem.message}</b> {t("live.stale", { when: clockOf(board.now_ms, true) })}</span>
        </p>
      )}
      {board ? <BoardView board={board} /> : problem ? <ProblemBox problem={problem} /> : <Skeleton lines={9} />}
    </>
  );
}

function DatePicker({ date }: { date: string }) {
  const to = (date: string) => go(date === me().today ? link("today") : link("today", date));
  return (
    <span class="row datepick">
      <button class="btn btn--icon sm" aria-label={t("today.prev")} onClick={() => to(plusDays(date, -1))}><Icon name="back" size="s" /></button>
      <input type="date" aria-label={t("today.date")} value={date} onChange={(event) => event.currentTarget.value && to(event.currentTarget.value)} />
      <button class="btn btn--icon sm" aria-label={t("today.next")} onClick={() => to(plusDays(date, 1))}><Icon name="forward" size="s" /></button>
    </span>
  );
}

export const FILTERS = ["all", "unknown", "flags"] as const;
export type Filter = (typeof FILTERS)[number];

function passes(manager: Manager, filter: Filter): boolean {
  if (filter === "unknown") return manager.state === "stale" || manager.state === "silent";
  if (filter === "flags") return Object.keys(manager.counts.flags).length > 0 || manager.held_back > 0;
  return true;
}

function BoardView({ board }: { board: Board }) {
  const [filter, setFilter] = useState<Filter>("all");
  const [search, setSearch] = useState("");
  const shown = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    const named = (manager: Manager) =>
      [manager.name, manager.person_id, ...manager.routes.map((route) => route.name)].some((text) => text.toLowerCase().includes(wanted));
    return board.managers.filter((manager) => passes(manager, filter) && (!wanted || named(manager)));
  }, [board.managers, filter, search]);
  const nothing = board.totals.routes === 0;
  return (
    <>
      <Kpis board={board} />
      <div class="two">
        <section class="card" aria-label={t("today.managers")}>
          <div class="row sech">
            <h2 class="grow">{t("today.managers")}</h2>
            {board.documents_behind > 0 && <span class="small muted" role="status">{t("today.behind", { n: board.documents_behind })}</span>}
            <span class="leg"><i class="k1" />{t("today.legend.known")}<i class="k2" />{t("today.legend.unknown")}</span>
            <span class="seg" role="group">
              {FILTERS.map((name) => (
                <button key={name} class={filter === name ? "on" : ""} aria-pressed={filter === name} onClick={() => setFilter(name)}>{t(`today.filter.${name}`)}</button>
              ))}
            </span>
            <input class="search" type="search" placeholder={t("do.search")} aria-label={t("do.search")} value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
          </div>
          {nothing ? <StateBox icon="list" head={t("today.empty")} why={t("today.empty.why")} /> : <ManagerTable board={board} managers={shown} />}
          <div class="row foot1">
            <p class="small muted grow">{t("today.foot")}</p>
            <TakeAway path={`/v1/tables/board?date=${board.date}`} />
          </div>
        </section>
        <aside>
          <StopMap board={board} />
          <Feed board={board} />
        </aside>
      </div>
    </>
  );
}

function Kpis({ board }: { board: Board }) {
  const { totals } = board;
  const unknown = totals.effective_max - totals.counts.effective;
  const missing = board.managers
    .map((manager) => ({ name: manager.name, n: manager.effective_max - manager.counts.effective }))
    .filter((manager) => manager.n > 0)
    .sort((a, b) => b.n - a.n);
  const [most, ...rest] = missing.slice(0, 3).map((manager) => `${manager.name} ${manager.n}`);
  const comma = lang.value === "zh" ? "、" : ", ";
  const who = [most, ...rest].filter(Boolean).join(comma) + (missing.length > 3 ? ` ${t("today.unknown.others", { n: missing.length })}` : "");
  const planned = board.managers.filter((manager) => manager.state !== "no_plan");
  const least = planned.reduce<Manager | undefined>(
    (least, manager) => (!least || (manager.complete_up_to_ms ?? 0) < (least.complete_up_to_ms ?? 0) ? manager : least), undefined);
  return (
    <div class="kpis">
      <div class="kpi">
        <p class="k">{t("today.visits")}</p>
        <p class="n n--hero" data-testid="visits">{range(totals.counts.effective, totals.effective_max)}<span class="u">/ {grouped(totals.counts.planned)}</span></p>
        <RangeBar big known={totals.counts.effective} most={totals.effective_max} of={totals.counts.planned} />
        <p class="small muted">{totals.exact ? t("today.exact") : <>{t("today.known", { n: totals.counts.effective })}{unknown > 0 && <>{lang.value === "zh" ? "，" : ", "}{t("today.unknown", { n: unknown, who })}</>}</>}</p>
      </div>
      <div class="kpi">
        <p class="k">{t("today.order")}</p>
        <p class="n n--hero">{grouped(totals.counts.order_cartons)}<span class="u">{t(totals.exact ? "today.cartons" : "today.cartons.least")}</span></p>
        <p class="small muted">{t("money", { v: money(totals.counts.order_value) })}{totals.exact ? "" : ` ${t("today.least")}`} · {t("today.orders", { n: grouped(totals.counts.orders) })}</p>
      </div>
      <div class="kpi">
        <p class="k">{t("today.upto")}</p>
        <p class="n n--title">{totals.complete_up_to_ms == null ? t("today.upto.none") : when(totals.complete_up_to_ms)}</p>
        <p class="small muted">
          {least && least.state !== "live" ? t("today.upto.last", { who: least.name, n: totals.live + totals.stale }) : t("today.upto.all", { n: totals.live })}
        </p>
      </div>
      <Todo board={board} />
    </div>
  );
}

function Todo({ board: { totals } }: { board: Board }) {
  const rows = [
    totals.held_back > 0 && <li key="held" class="bad"><Icon name="refused" size="s" /><a href={link("run", "quarantine")}><b>{totals.held_back}</b> {t("today.held")}</a></li>,
    totals.conflicts > 0 && <li key="conflicts"><Icon name="talk" size="s" /><b>{totals.conflicts}</b> {t("today.conflicts")}</li>,
    totals.silent > 0 && <li key="silent"><Icon name="clock" size="s" /><b>{totals.silent}</b> {t("today.silent")}</li>,
  ].filter(Boolean);
  return (
    <div class="kpi">
      <p class="k">{t("today.todo")}</p>
      <ul class="todo">{rows.length > 0 ? rows : <li class="done"><Icon name="check" size="s" />{t("today.nothing")}</li>}</ul>
    </div>
  );
}

function Feed({ board }: { board: Board }) {
  return (
    <section class="card feed" aria-label={t("today.feed")}>
      <h2 class="sech">{t("today.feed")}</h2>
      {board.arrivals.length === 0 && <p class="small muted feed__none">{t("today.feed.none")}</p>}
      <ul tabIndex={0} aria-label={t("today.feed")} class="feed__list">
        {board.arrivals.map((arrival) => (
          <li key={`${arrival.at_ms}${arrival.person_id}`} class="row">
            <span class="muted feed__at">{clockOf(arrival.at_ms)}</span>
            <span class="grow clip"><a class="plain" href={link("today", board.date, arrival.person_id)}><b>{arrival.name}</b></a> <span class="muted">{arrival.routes.slice(0, 2).join(" ")}</span></span>
            <span class="small muted">{t("today.items", { n: arrival.changes })}</span>
            <Icon name="cloud" size="s" />
          </li>
        ))}
      </ul>
    </section>
  );
}

// Today: the stops in order, what matters before going in, and one thing to do next.

import { useEffect } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { day as dayText, daysBetween, dayWithWeekday } from "@roundsman/ui/format";
import { call } from "../core/client.ts";
import type { Brief, DayRoute, DayStop } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { Ask, Chip, Screen } from "../parts/basics.tsx";
import { StopsMap } from "../parts/map.tsx";
import { distance, fix, freshFix, metres, watchPosition } from "../parts/position.ts";
import { SyncLine } from "../parts/syncline.tsx";
import { Storage, Update } from "../parts/warnings.tsx";
import { act, begun, go, known, lang, t, today, work } from "../state.ts";

export function isDone(stop: DayStop): boolean {
  return stop.visits.some((visit) => visit.out_ms !== null);
}

function inside(stop: DayStop): boolean {
  return stop.visits.some((visit) => visit.out_ms === null);
}

let checkingIn = false;

async function checkIn(retailer: string, route: string | undefined): Promise<void> {
  // A second tap on what has not answered yet is the same check-in.
  if (checkingIn) return;
  checkingIn = true;
  const position = freshFix();
  await act(async () => {
    // What was shown may be from before the app was closed.
    if (!begun.value) {
      const { routes, person } = await call("day", { date: today.value });
      const visits = routes.flatMap(({ stops }) => stops).find((stop) => stop.retailer === retailer)?.visits ?? [];
      const open = visits.find((visit) => visit.out_ms === null && visit.person === person);
      if (open) go(`visit/${open.visit}`);
      if (visits.length > 0) return;
    }
    const done = await call("check_in", { retailer, ...(route ? { route } : {}), ...(position ? { position } : {}) });
    go(`visit/${done.action}`);
  });
  checkingIn = false;
}

/** The way into a shop, or back into the visit of today that the person is in there. */
export function Enter({ retailer, route, visits, look }: { retailer: string; route: string | undefined; visits: { visit: string }[]; look: string }) {
  const open = work.value?.unfinished.find(({ kind, visit, date }) => kind === "visit" && date === today.value && visits.some((one) => one.visit === visit));
  return (
    <button type="button" class={`btn ${look}`} onClick={() => (open ? go(`visit/${open.visit}`) : void checkIn(retailer, route))}>
      <Icon name="pin" />{t(open ? "today.resume" : "visit.in")}
    </button>
  );
}

export function reasonText(reason: string): string {
  const key = `missed.${reason}`;
  return known(key) ? t(key) : reason;
}

export function Today() {
  const asked = useAsk("day", { date: today.value });
  useEffect(watchPosition, []);
  return (
    <Screen tabbed busy={!begun.value}>
      <Ask of={asked}>
        {(day) => {
          const routes = day.routes.filter((route) => route.planned || route.stops.some((stop) => stop.visits.length > 0));
          return (
            <>
              {routes.length === 0 && <Head date={day.date} name={day.name} title={t("today.none")} />}
              {routes.map((route, at) => <Route key={route.route} date={day.date} name={day.name} route={route} first={at === 0} open={day.open_visit} />)}
              {routes.length === 0 && (
                <>
                  <SyncLine /><Update busy={false} />
                  <p class="muted pad16">{t("today.none.what")}</p>
                  <a class="btn btn--wide" href="#/shops"><Icon name="search" />{t("today.find")}</a>
                </>
              )}
              <a class="btn btn--wide btn--quiet" href="#/week"><Icon name="note" />{t("today.diary")}</a>
              {/* Last: it goes when a sync ends, and nothing may move under a thumb. */}
              <Storage brief />
            </>
          );
        }}
      </Ask>
    </Screen>
  );
}

function Head({ date, name, title, done, planned }: { date: string; name: string; title: string; done?: number; planned?: number }) {
  return (
    <header class="row top">
      <div class="grow">
        <p class="small muted">{dayWithWeekday(date, lang.value)} · {name}</p>
        <h1 class="title">{title}</h1>
      </div>
      {planned !== undefined && planned > 0 && <Ring done={done ?? 0} planned={planned} />}
    </header>
  );
}

function Ring({ done, planned }: { done: number; planned: number }) {
  const round = 2 * Math.PI * 26;
  return (
    <div class="ring" role="img" aria-label={t("today.progress", { done, planned })}>
      <svg viewBox="0 0 60 60" aria-hidden="true">
        <circle class="t" cx="30" cy="30" r="26" />
        {done > 0 && <circle class="v" cx="30" cy="30" r="26" stroke-dasharray={`${(round * Math.min(done, planned)) / planned} ${round}`} />}
      </svg>
      <b>{done >= planned ? <Icon name="check" /> : <>{done}<small>/{planned}</small></>}</b>
    </div>
  );
}

function Route({ date, name, route, first, open }: { date: string; name: string; route: DayRoute; first: boolean; open: string | null }) {
  const planned = route.stops.filter((stop) => stop.sequence !== null);
  const done = planned.filter(isDone).length;
  const next = route.stops.find(inside) ?? planned.find((stop) => stop.visits.length === 0 && !stop.missed);
  const ahead = planned.filter((stop) => stop !== next && stop.visits.length === 0 && !stop.missed);
  const behind = route.stops.filter((stop) => stop !== next && !ahead.includes(stop));
  return (
    <>
      <Head date={date} name={name} title={route.name} done={done} planned={route.planned ? planned.length : 0} />
      {route.stands_in_for && <p class="row small muted" style={{ padding: "0 6px" }}><Icon name="person" />{t("today.standin", { name: route.stands_in_for })}</p>}
      {first && <><SyncLine /><Update busy={open !== null} /></>}
      {route.stands_in_for && route.note && (
        <div class="card pad16"><p class="small muted">{t("today.note", { date: dayText(route.note.date, lang.value) })}</p><p>{route.note.text}</p></div>
      )}
      {first && <StopsMap stops={planned} next={next} />}
      {next ? <Next date={date} route={route} stop={next} /> : <p class="card pad16 row"><Icon name="check" /><b>{t("today.all")}</b></p>}
      {ahead.length > 0 && <ul class="card list">{ahead.map((stop) => <Stop key={stop.retailer} date={date} route={route.route} stop={stop} />)}</ul>}
      {behind.length > 0 && <ul class="card list">{behind.map((stop) => <Stop key={stop.retailer} date={date} route={route.route} stop={stop} />)}</ul>}
    </>
  );
}

function Next({ date, route, stop }: { date: string; route: DayRoute; stop: DayStop }) {
  const open = stop.visits.find((visit) => visit.out_ms === null);
  const here = fix.value;
  return (
    <section class="card next" aria-label={t("today.next")}>
      <a class="stop stop--next" href={`#/shop/${stop.retailer}`}>
        <span class="stop__no">{stop.sequence ?? "·"}</span>
        <span class="stop__name">{stop.name}</span>
        <span class="small muted nowrap">{here && stop.position ? distance(metres(here, stop.position)) : ""}</span>
        <span class="stop__meta">{lastText(stop.brief, date)}</span>
      </a>
      <Reasons brief={stop.brief} />
      {open
        ? <button type="button" class="btn btn--primary" onClick={() => go(`visit/${open.visit}`)}>{t("today.resume")}</button>
        : <button type="button" class="btn btn--primary" onClick={() => void checkIn(stop.retailer, route.route)}>{t("visit.in")}</button>}
      {!open && (
        <div class="pair">
          <a class="btn" href={`#/stop/${stop.retailer}/${route.route}`}>{t("visit.missed")}</a>
          <a class="btn" href={`#/shop/${stop.retailer}`}>{t("visit.file")}</a>
        </div>
      )}
    </section>
  );
}

export function lastText(brief: Brief, date: string): string {
  if (!brief.last) return t("today.never");
  return t("today.last", { date: dayText(brief.last.date, lang.value), days: daysBetween(brief.last.date, date) });
}

export function appointmentText({ date, time }: { date: string; time: string }): string {
  return t("today.appointment", { time: [date === today.value ? "" : dayText(date, lang.value), time].filter(Boolean).join(" ") });
}

export function Reasons({ brief }: { brief: Brief }) {
  const out = brief.last?.out.length ?? 0;
  const birthday = brief.birthday;
  const none = out === 0 && brief.back.length === 0 && !brief.pending && brief.follow_ups.length === 0 && !birthday && !brief.appointment;
  if (none) return null;
  return (
    <div class="row chips">
      {brief.appointment && <Chip kind="todo" icon="clock">{appointmentText(brief.appointment)}</Chip>}
      {out > 0 && <Chip kind="out" icon="out">{t("today.out", { n: out })}</Chip>}
      {brief.back.slice(0, 2).map((sku) => <Chip key={sku.sku} kind="todo" icon="bell">{t("today.back", { name: sku.name })}</Chip>)}
      {brief.pending && <Chip kind="flag" icon="clock">{t("today.pending", { n: brief.pending.cartons })}</Chip>}
      {brief.follow_ups.slice(0, 2).map((up) => <Chip key={up.id} kind="todo" icon="bell">{t("today.followup", { text: up.text })}</Chip>)}
      {birthday && <Chip kind="plain" icon="cake">{t("today.birthday", { name: birthday[0], date: dayText(birthday[1], lang.value) })}</Chip>}
    </div>
  );
}

function Stop({ date, route, stop }: { date: string; route: string; stop: DayStop }) {
  const visit = stop.visits[0];
  const done = isDone(stop);
  const local = stop.state !== null;
  const how = visit ? (local ? "local" : "done") : stop.missed ? "missed" : "";
  const to = visit ? `visit/${visit.visit}` : `stop/${stop.retailer}/${route}`;
  const out = stop.brief.last?.out.length ?? 0;
  return (
    <li>
      <a class={`stop stop--${how}`} href={`#/${to}`}>
        <span class="stop__no">{visit ? <Icon name={local ? "phone" : "check"} size="s" /> : (stop.sequence ?? "·")}</span>
        <span class="stop__name">{stop.name || stop.retailer}</span>
        <Icon name="forward" />
        <span class="stop__meta">
          {visit ? t(done ? "today.done" : "today.inside")
            : stop.missed ? t("today.missed", { reason: reasonText(stop.missed.reason) })
            : out > 0 ? <><Icon name="out" size="s" />{t("today.out", { n: out })}</>
            : lastText(stop.brief, date)}
          {stop.sequence === null && <> · {t("today.unplanned")}</>}
        </span>
      </a>
    </li>
  );
}

// The visit: where it stands, what to look at, and its three steps in any order.

import { useEffect, useState } from "preact/hooks";
import { Icon, type IconName } from "@roundsman/ui/icons";
import { day as dayText, local } from "@roundsman/ui/format";
import { call } from "../core/client.ts";
import type { Conflict, VisitScreen } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { AppBar, Ask, Screen } from "../parts/basics.tsx";
import { distance } from "../parts/position.ts";
import { act, go, known, lang, syncNow, t, work, zone } from "../state.ts";
import { shopLine } from "./shops.tsx";
import { appointmentText } from "./today.tsx";

export function Visit({ visit }: { visit: string }) {
  const asked = useAsk("visit", { visit });
  const shown = asked.answer;
  return (
    <>
      <AppBar title={shown?.shop.name ?? ""} sub={shown ? shopLine(shown.shop) : undefined} back="today">
        {shown && <a class="btn btn--icon btn--quiet plain" aria-label={t("visit.file")} href={`#/shop/${shown.retailer}`}><Icon name="note" size="l" /></a>}
      </AppBar>
      <Ask of={asked}>{(answer) => <Hub visit={answer} />}</Ask>
    </>
  );
}

function Hub({ visit }: { visit: VisitScreen }) {
  const counted = Object.values(visit.stock);
  const ordered = Object.values(visit.order);
  const talked = Object.keys(visit.audits).length + (visit.note ? 1 : 0);
  const draft = (step: string) => visit.drafts.some((kept) => kept.step.startsWith(`${step}/`));
  const stockText = draft("stock") ? t("visit.draft")
    : counted.length > 0 ? t("visit.count.done", { n: counted.length, out: counted.filter((packs) => packs === 0).length })
    : visit.brief.last ? t("today.last", lastValues(visit)) : t("today.never");
  const orderText = draft("order") ? t("visit.draft")
    : ordered.length > 0 ? t("visit.order.done", { n: ordered.reduce((a, b) => a + b, 0), skus: ordered.filter((n) => n > 0).length })
    : t(counted.length > 0 ? "visit.order.ready" : "visit.order.todo");
  const steps: [string, IconName, "visit.count" | "visit.order" | "visit.talk", string, boolean][] = [
    ["count", "box", "visit.count", stockText, counted.length > 0 && !draft("stock")],
    ["order", "cart", "visit.order", orderText, ordered.length > 0 && !draft("order")],
    ["talk", "talk", "visit.talk", talked > 0 ? t("visit.talk.done", { n: talked }) : t("visit.talk.todo"), talked > 0],
  ];
  const conflicts = visit.conflicts.filter(({ field }) => /^(out_ms$|stock\/|order\/|audits\/)/.test(field));
  const nextStep = steps.find(([, , , , done]) => !done)?.[0];
  return (
    <>
      <Screen>
        <Clock visit={visit} />
        <LookFirst visit={visit} />
        {conflicts.length > 0 && <Conflicts visit={visit.visit} conflicts={conflicts} />}
        <ul class="card list">
          {steps.map(([to, icon, title, text, done]) => (
            <li key={to}>
              <button type="button" class={`hubstep ${done ? "done" : to === nextStep ? "on" : ""}`} onClick={() => go(`visit/${visit.visit}/${to}`)}>
                <span class="hubic"><Icon name={done ? "check" : icon} size="l" /></span>
                <span class="grow"><b class="head">{t(title)}</b><br /><span class="small muted">{text}</span></span>
                <Icon name="forward" />
              </button>
            </li>
          ))}
        </ul>
        <p class="small dim center">{t("visit.safe")}</p>
        {visit.person === work.value?.person && <Mistake visit={visit.visit} />}
      </Screen>
      {visit.out_ms === null && <CheckOut visit={visit} counted={counted.length > 0 || draft("stock")} />}
    </>
  );
}

function lastValues(visit: VisitScreen): { date: string; days: number } {
  const last = visit.brief.last?.date ?? visit.date;
  return { date: dayText(last, lang.value), days: Math.round((Date.parse(visit.date) - Date.parse(last)) / 86_400_000) };
}

/** How long it has lasted. The hero is the time; it turns calm when the visit counts. */
function Clock({ visit }: { visit: VisitScreen }) {
  const [now, setNow] = useState(Date.now);
  const open = visit.out_ms === null;
  useEffect(() => {
    if (!open) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [open]);
  const seconds = Math.max(0, Math.floor(((visit.out_ms ?? now) - visit.in_ms) / 1000));
  const clock = (ms: number) => local(ms, zone.value)[1];
  const far = visit.flags.includes("outside_geofence");
  return (
    <section class="card pad16">
      <p class="row small" style={{ gap: "6px", color: visit.state ? "var(--local-ink)" : "var(--safe-ink)" }}>
        <Icon name={visit.state ? "phone" : "cloud"} size="s" />
        <b>{t("visit.since", { time: clock(visit.in_ms) })} · {t(visit.state ? "visit.saved" : "visit.atOffice")}</b>
      </p>
      {open ? (
        <>
          <p class="n n--hero" style={{ marginTop: "4px" }} role="timer">
            {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, "0")}
            {visit.min_dwell_s > 0 && (
              <span class="u" style={{ fontSize: ".36em" }}>{seconds >= visit.min_dwell_s ? t("visit.effective") : t("visit.dwell", { m: Math.round(visit.min_dwell_s / 60) })}</span>
            )}
          </p>
          {visit.min_dwell_s > 0 && <div class="bar" style={{ margin: "10px 0 12px" }}><i style={{ width: `${Math.min(100, (100 * seconds) / visit.min_dwell_s)}%` }} /></div>}
        </>
      ) : (
        <p class="head" style={{ margin: "4px 0" }}>{t("visit.ended", { in: clock(visit.in_ms), out: clock(visit.out_ms ?? 0), min: Math.floor(seconds / 60) })}</p>
      )}
      <p class="row small muted" style={{ gap: "6px" }}>
        <Icon name={far ? "warning" : "pin"} size="s" />
        {visit.position === null ? t("visit.nofix.was")
          : visit.distance_m === null ? t("visit.fix.only", { a: visit.accuracy_m ?? "?" })
          : far ? t("visit.far", { d: distance(visit.distance_m) })
          : t("visit.fix", { d: visit.distance_m, a: visit.accuracy_m ?? "?" })}
      </p>
    </section>
  );
}

function LookFirst({ visit }: { visit: VisitScreen }) {
  const { last, back, pending, follow_ups: ups, birthday, appointment } = visit.brief;
  const out = last?.out ?? [];
  if (out.length + back.length + ups.length === 0 && !pending && !birthday && !appointment) return null;
  const names = (skus: { name: string }[]) => skus.slice(0, 4).map((sku) => sku.name).join(lang.value === "zh" ? "、" : ", ") + (skus.length > 4 ? ` +${skus.length - 4}` : "");
  return (
    <section class="card pad16">
      <h2 class="small muted" style={{ margin: "0 0 6px", fontWeight: "inherit" }}>{t("visit.look")}</h2>
      {appointment && <p class="row look"><Icon name="clock" /><span>{appointmentText(appointment)}</span></p>}
      {out.length > 0 && <p class="row look"><Icon name="out" /><span>{t("visit.look.out")} <b>{names(out)}</b></span></p>}
      {back.length > 0 && <p class="row look"><Icon name="bell" /><span>{t("visit.look.back")} <b>{names(back)}</b></span></p>}
      {pending && <p class="row look"><Icon name="clock" /><span>{t("today.pending", { n: pending.cartons })}</span></p>}
      {ups.map((up) => <p key={up.id} class="row look"><Icon name="bell" /><span>{t("today.followup", { text: up.text })}</span></p>)}
      {birthday && <p class="row look"><Icon name="cake" /><span>{t("today.birthday", { name: birthday[0], date: dayText(birthday[1], lang.value) })}</span></p>}
    </section>
  );
}

/** Two devices set a field apart: a person chooses, in one tap. The time of a check-out is only shown: no action sets it again. */
function Conflicts({ visit, conflicts }: { visit: string; conflicts: Conflict[] }) {
  const sheet = useAsk("count_sheet", { visit }).answer;
  const settle = (part: string, key: string, value: string) => {
    // Empty is what was taken back.
    const lines = { [key]: value === "" ? null : Number(value) };
    return act(() =>
      part === "stock" ? call("count_stock", { visit, stock: lines })
      : part === "order" ? call("plan_order", { visit, order: lines })
      : call("audit", { visit, item: key, value }));
  };
  const checked = (word: string) => {
    const key = `talk.${word}`;
    return known(key) ? t(key) : word;
  };
  const named = (sku: string) => sheet && ([...sheet.lines, ...sheet.others].find((line) => line.sku === sku)?.name ?? sku);
  return (
    <>
      {conflicts.map(({ field, values }) => {
        const [part = "", key] = field.split("/");
        const said = (value: string) => (!key ? local(Number(value), zone.value)[1] : value === "" ? t("visit.conflict.none") : part === "audits" ? checked(value) : value);
        const about = !key ? t("visit.conflict.out")
          : t("visit.conflict", { item: part === "audits" ? checked(key) : `${t(part === "stock" ? "visit.count" : "visit.order")} · ${named(key) ?? ""}` });
        return (
          <section key={field} class="conflict">
            <h2 class="conflict__h small" style={{ margin: 0 }}><Icon name="warning" />{about}</h2>
            <div class="conflict__v">
              {values.map(({ value, device, at_ms }, at) => (
                <div key={at}>
                  <p class="n n--title">{said(value)}</p>
                  <p class="small muted">{local(at_ms, zone.value)[1]} · {device.slice(0, 6)}</p>
                  {key && <button type="button" class="btn btn--wide" onClick={() => void settle(part, key, value)}>{said(value)}</button>}
                </div>
              ))}
            </div>
          </section>
        );
      })}
    </>
  );
}

function CheckOut({ visit, counted }: { visit: VisitScreen; counted: boolean }) {
  const out = async () => {
    if (!(await act(() => call("check_out", { visit: visit.visit })))) return;
    go("today");
    if (navigator.onLine) void syncNow(false);
  };
  return (
    <div class="foot">
      <button type="button" class={`btn btn--wide ${counted ? "btn--primary" : ""}`} style={{ minHeight: "56px" }} onClick={() => void out()}>{t("visit.out")}</button>
    </div>
  );
}

function Mistake({ visit }: { visit: string }) {
  const [sure, setSure] = useState(false);
  if (!sure) return <button type="button" class="btn btn--quiet small" onClick={() => setSure(true)}>{t("visit.mistake")}</button>;
  return (
    <div class="card pad16 stack" role="alertdialog" aria-label={t("visit.mistake")}>
      <p>{t("visit.mistake.sure")}</p>
      <div class="pair">
        <button type="button" class="btn" onClick={() => setSure(false)}>{t("app.cancel")}</button>
        <button type="button" class="btn lost" onClick={() => void act(() => call("remove_visit", { visit })).then((done) => done && go("today"))}>{t("visit.mistake")}</button>
      </div>
    </div>
  );
}

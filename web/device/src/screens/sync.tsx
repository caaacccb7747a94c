// Sync: one button and one honest sentence; what was refused and why, in words.

import { useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { day, local } from "@roundsman/ui/format";
import type { OpenWork, Unfinished } from "../core/types.ts";
import { Screen } from "../parts/basics.tsx";
import { lastSync, onThisPhone, standing, STANDING_ICON } from "../parts/syncline.tsx";
import { Storage, Update } from "../parts/warnings.tsx";
import { heldBack, known, lang, onPhone, readRefusals, syncing, synced, syncNow, t, today, unfinished, unread, work, zone } from "../state.ts";

export function Sync() {
  const open = work.value?.open ?? [];
  const refused = open.filter((group) => group.state === "rejected");
  const held = [...open.filter((group) => group.state === "quarantined"), ...(unread.value > 0 ? refused : [])];
  const here = open.filter((group) => group.state === "pending" || group.state === "waiting");
  return (
    <Screen tabbed>
      <header class="row top">
        <h1 class="title grow">{t("tab.sync")}</h1>
        <a class="btn btn--icon btn--quiet plain" href="#/settings" aria-label={t("sync.settings")}><Icon name="settings" size="l" /></a>
      </header>
      <Big />
      {work.value?.unknown && <a class="btn btn--primary btn--wide" href="#/enrol">{t("enrol.title")}</a>}
      <Storage />
      <Update busy={false} />
      {held.length > 0 && <h2 class="h2 lost row"><Icon name="refused" size="l" />{heldBack.value} {t("sync.refused")}</h2>}
      {held.map((group) => <Held key={`${group.title}${group.date}${group.state}`} group={group} />)}
      {unread.value > 0 && <button type="button" class="btn btn--wide" onClick={readRefusals}><Icon name="check" />{t("sync.read")}</button>}
      {unfinished.value.length > 0 && <Begun steps={unfinished.value} />}
      {here.length > 0 && <Here groups={here} />}
      {unread.value === 0 && refused.map((group) => <Held key={`${group.title}${group.date}`} group={group} />)}
      {(work.value?.damaged.length ?? 0) > 0 && <p class="card pad16 row small"><Icon name="warning" />{t("sync.damaged", { n: work.value?.damaged.length ?? 0 })}</p>}
      {(work.value?.unreadable ?? 0) > 0 && <p class="card pad16 row small"><Icon name="warning" />{t("sync.unreadable", { n: work.value?.unreadable ?? 0 })}</p>}
    </Screen>
  );
}

function Big() {
  const now = standing();
  // What is held back has its own cards below; here it is about what this phone still has to bring.
  const how = now === "refused" ? onThisPhone() : now;
  const running = syncing.value;
  return (
    <section class={`syncbig syncbig--${how} ${running ? "turning" : ""}`}>
      <div class="row" style={{ gap: "12px", alignItems: "flex-start" }} role="status">
        <Icon name={STANDING_ICON[how]} size="l" />
        <div class="grow">
          {how === "open" && <p class="title">{t("app.loading")}</p>}
          {how === "unknown" && <p class="title">{t("error.unknown_device")}</p>}
          {how === "offering" && <p class="title">{t("sync.offering")}</p>}
          {how === "local" && <p class="n n--hero">{onPhone.value}<span class="u">{t("sync.local")}</span></p>}
          {how === "begun" && <p class="n n--hero">{unfinished.value.length}<span class="u">{t("sync.begun")}</span></p>}
          {how === "safe" && <p class="title">{t("sync.safe")}</p>}
          {how === "queue" && <p class="title">{t("sync.queued", { n: onPhone.value })}</p>}
          {how === "sync" && <p class="title">{t("sync.running")}</p>}
          <p class="small" style={{ marginTop: "4px" }}>
            {(how === "unknown" || how === "offering") && onPhone.value > 0 && <>{onPhone.value} {t("sync.local")}<br /></>}
            {how === "local" && <>{t("sync.risk")}<br /></>}
            {running ? t("sync.running.of", { k: running.acknowledged }) : lastSync()}
            {how === "safe" && synced.value && synced.value.acknowledged > 0 && <> · {t("sync.result", { n: synced.value.acknowledged })}</>}
          </p>
        </div>
      </div>
      {!running && (
        <>
          <button type="button" class={`btn btn--wide ${how === "safe" || how === "begun" || how === "unknown" ? "" : "btn--primary"}`} style={{ marginTop: "12px" }} onClick={() => void syncNow(true)}><Icon name="sync" />{t("sync.now")}</button>
          {how === "local" && <p class="small center" style={{ marginTop: "8px" }}>{t("sync.later")}</p>}
        </>
      )}
    </section>
  );
}

const BEGUN = {
  visit: ["", "sync.inside"], stock: ["/count", "visit.count"], order: ["/order", "visit.order"], note: ["/talk", "talk.note"],
  diary: ["", "week.diary"], route_note: ["", "week.note"], week: ["", "week.summary"],
} as const;

/** What was begun and left, and the way back to it. */
function Begun({ steps }: { steps: Unfinished[] }) {
  return (
    <section class="card">
      <h2 class="h2">{t("sync.begun.what")}</h2>
      <ul class="list">
        {steps.map(({ kind, title, date, visit }) => {
          const [step, text] = BEGUN[kind];
          return (
            <li key={`${kind}${visit}${title}${date}`}>
              <a class="stop" href={visit ? `#/visit/${visit}${step}` : `#/week/${date}`}>
                <span class="stop__no"><Icon name="phone" size="s" /></span>
                <span class="stop__name">{title || t("week.title")}</span>
                <Icon name="forward" />
                <span class="stop__meta">{t(text)} · {day(date, lang.value)}</span>
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function actionText(action: string): string {
  const key = `action.${action}`;
  return known(key) ? t(key) : action;
}

function Held({ group }: { group: OpenWork }) {
  const [open, setOpen] = useState(false);
  const reason = group.items.find((item) => item.reason && item.reason.code !== "because_of")?.reason ?? group.items[0]?.reason;
  return (
    <section class="card pad16">
      <p class="row"><b class="grow">{[...new Set(group.items.map((item) => actionText(item.action)))].join(" · ")} · {group.title}</b><span class="small muted nowrap">{day(group.date, lang.value)}</span></p>
      {group.responsible && reason?.code === "not_assigned"
        ? <p class="small muted">{t("sync.whose", { date: day(group.date, lang.value), person: group.responsible })}</p>
        : reason && <p class="small muted">{lang.value === "zh" ? reason.zh : reason.en}</p>}
      <p class="small row" style={{ gap: "6px", marginTop: "6px" }}><Icon name="lock" size="s" />{t(group.state === "rejected" ? "sync.rejected" : "sync.kept")}</p>
      <button type="button" class="btn btn--wide" style={{ marginTop: "10px" }} aria-expanded={open} onClick={() => setOpen(!open)}>{t(open ? "sync.hide" : "sync.why")}</button>
      {open && <Items group={group} />}
    </section>
  );
}

/** What an action holds, without ids that say nothing to its author. */
function content(command: Record<string, unknown>): string {
  const { action: _a, visit: _v, person: _p, device: _d, id: _i, retailer: _r, in_ms: _n, out_ms: _o, at_ms: _m, ...rest } = command;
  return Object.values(rest).flatMap((value) => (value && typeof value === "object" ? Object.entries(value).map(([key, n]) => `${key}: ${String(n)}`) : value ? [String(value)] : [])).join(", ");
}

function Items({ group }: { group: OpenWork }) {
  return (
    <ul style={{ marginTop: "8px" }}>
      {group.items.map((item, at) => (
        <li key={at} class="small" style={{ overflowWrap: "anywhere", padding: "4px 0" }}>
          <b>{local(item.at_ms, zone.value)[1]} {actionText(item.action)}</b> {content(item.command)}
        </li>
      ))}
    </ul>
  );
}

function Here({ groups }: { groups: OpenWork[] }) {
  return (
    <section class="card">
      <h2 class="h2">{t("sync.open")}</h2>
      <ul style={{ paddingBottom: "8px" }}>
        {groups.map((group) => (
          <li key={`${group.title}${group.date}${group.state}`} class="row vline">
            <span class="small dim" style={{ width: "56px" }}>{group.date === today.value ? local(group.items[0]?.at_ms ?? 0, zone.value)[1] : day(group.date, lang.value)}</span>
            <b class="grow clip">{group.title}</b>
            <span class="small muted nowrap">{t("sync.items", { n: group.items.length })}</span>
            <Icon name={group.state === "waiting" ? "clock" : "phone"} size="s" />
          </li>
        ))}
      </ul>
    </section>
  );
}

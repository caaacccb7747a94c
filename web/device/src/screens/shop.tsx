// A shop's file: who is there, what they like and need, what they bought and held.

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { day } from "@roundsman/ui/format";
import { call } from "../core/client.ts";
import type { PastVisit, ShopScreen } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { Ask, Screen } from "../parts/basics.tsx";
import { watchPosition } from "../parts/position.ts";
import { act, lang, t } from "../state.ts";
import { AppBarLeaving } from "./count.tsx";
import { FollowUp, saveForms, useOnce, type Unsaved } from "./talk.tsx";
import { shopLine } from "./shops.tsx";
import { Enter, Reasons } from "./today.tsx";

export function Shop({ retailer }: { retailer: string }) {
  const asked = useAsk("shop", { retailer });
  // One can check in from here.
  useEffect(watchPosition, []);
  const followUp = useRef<Unsaved>(undefined);
  useEffect(() => () => void saveForms(followUp), []);
  const leave = async () => {
    if (await saveForms(followUp)) history.back();
  };
  return (
    <>
      <AppBarLeaving title={asked.answer?.shop.name ?? ""} sub={asked.answer ? shopLine(asked.answer.shop) : ""} leave={leave} />
      <Screen><Ask of={asked}>{(shop) => <File retailer={retailer} shop={shop} unsaved={followUp} />}</Ask></Screen>
    </>
  );
}

function File({ retailer, shop, unsaved }: { retailer: string; shop: ShopScreen; unsaved: { current: Unsaved } }) {
  return (
    <>
      <Reasons brief={shop.brief} />
      <Enter retailer={retailer} route={shop.shop.route ?? undefined} visits={shop.visits} look="btn--wide" />
      <Contacts retailer={retailer} contacts={shop.file.contacts} />
      <Facts retailer={retailer} facts={shop.file.facts} />
      <FollowUp retailer={retailer} unsaved={unsaved} />
      <Chart title={t("shop.sold")} bars={shop.sold.map((week) => ({ label: t("shop.week", { date: day(week.monday, lang.value) }), end: day(week.monday, lang.value), n: week.packs }))} />
      <Chart title={t("shop.stock")} bars={[...shop.visits].slice(0, 8).reverse().map((visit) => ({ label: day(visit.date, lang.value), end: day(visit.date, lang.value), n: visit.packs }))} />
      <History visits={shop.visits} />
      <Complaints complaints={Object.values(shop.file.complaints)} />
    </>
  );
}

function Contacts({ retailer, contacts }: { retailer: string; contacts: ShopScreen["file"]["contacts"] }) {
  const [adding, setAdding] = useState(false);
  return (
    <section class="card">
      <h2 class="h2 row"><span class="grow">{t("shop.contacts")}</span>
        <button type="button" class="btn btn--icon btn--quiet" aria-label={`${t("app.add")} ${t("shop.contacts")}`} aria-expanded={adding} onClick={() => setAdding(!adding)}><Icon name={adding ? "close" : "plus"} /></button></h2>
      {adding && <AddContact retailer={retailer} done={() => setAdding(false)} />}
      <ul class="list">
        {Object.entries(contacts).map(([id, contact]) => (
          <li key={id} class="check">
            <span class="grow"><b>{contact.name}</b> <span class="small muted">{contact.role}</span>
              {contact.birthday && <><br /><span class="small muted">{t("shop.birthday")} {contact.birthday}</span></>}</span>
            {contact.phone && <a class="btn" href={`tel:${contact.phone}`}><Icon name="phone" size="s" />{contact.phone}</a>}
            <button type="button" class="btn btn--icon btn--quiet plain" aria-label={`${t("app.remove")} ${contact.name}`} onClick={() => void act(() => call("remove_contact", { retailer, id }))}><Icon name="trash" /></button>
          </li>
        ))}
      </ul>
      {!adding && Object.keys(contacts).length === 0 && <p class="step small dim">{t("app.none")}</p>}
    </section>
  );
}

function AddContact({ retailer, done }: { retailer: string; done: () => void }) {
  const [form, setForm] = useState({ name: "", role: "", phone: "", birthday: "" });
  const with_ = (key: keyof typeof form) => ({
    class: "input", maxLength: 80, value: form[key],
    onInput: (event: { currentTarget: HTMLInputElement }) => setForm({ ...form, [key]: event.currentTarget.value }),
  });
  const once = useOnce();
  const save = () => {
    const { birthday, ...rest } = form;
    return once(() => call("put_contact", { retailer, ...rest, ...(birthday ? { birthday } : {}) }), done);
  };
  return (
    <div class="pad16 stack">
      <label class="field"><span>{t("shop.name")}</span><input type="text" {...with_("name")} /></label>
      <label class="field"><span>{t("shop.role")}</span><input type="text" {...with_("role")} /></label>
      <label class="field"><span>{t("shop.phone")}</span><input type="tel" {...with_("phone")} /></label>
      <label class="field"><span>{t("shop.birthday")}</span><input type="date" {...with_("birthday")} /></label>
      <button type="button" class="btn btn--primary" disabled={!form.name.trim()} onClick={() => void save()}>{t("app.save")}</button>
    </div>
  );
}

/** What a habit is about, at most. */
const KEY_BYTES = 64;

/** As many of its letters as there is room for. */
function within(text: string, bytes: number): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, bytes), { stream: true });
}

function Facts({ retailer, facts }: { retailer: string; facts: Record<string, string> }) {
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const appointment = facts["appointment"] ?? "";
  const save = async () => {
    if (await act(() => call("set_fact", { retailer, key: key.trim(), value: value.trim() }))) {
      setKey("");
      setValue("");
    }
  };
  return (
    <section class="card">
      <h2 class="h2">{t("shop.prefs")}</h2>
      <ul class="list">
        {Object.entries(facts).filter(([name, said]) => name !== "appointment" && said).map(([name, said]) => <li key={name} class="step"><span class="small muted">{name}</span><br />{said}</li>)}
      </ul>
      <div class="pad16 stack">
        <label class="field"><span>{t("shop.appointment")}</span>
          <input class="input" type="datetime-local" value={appointment.replace(" ", "T")} onChange={(event) => void act(() => call("set_fact", { retailer, key: "appointment", value: event.currentTarget.value.replace("T", " ") }))} /></label>
        <div class="pair">
          <label class="field"><span>{t("shop.pref.what")}</span><input class="input" value={key} onInput={(event) => setKey((event.currentTarget.value = within(event.currentTarget.value, KEY_BYTES)))} /></label>
          <label class="field"><span>{t("shop.pref.value")}</span><input class="input" maxLength={300} value={value} onInput={(event) => setValue(event.currentTarget.value)} /></label>
        </div>
        {key.trim() && value.trim() && <button type="button" class="btn" onClick={() => void save()}>{t("app.save")}</button>}
      </div>
    </section>
  );
}

interface Bar { label: string; end: string; n: number | null }

/** A small chart; screen readers get its table. What is not known is hatched, never zero. */
function Chart({ title, bars }: { title: string; bars: Bar[] }) {
  if (bars.length === 0) return null;
  const most = Math.max(1, ...bars.map((bar) => bar.n ?? 0));
  return (
    <section class="card">
      <h2 class="h2">{title}</h2>
      <div class="chart" aria-hidden="true">{bars.map((bar, at) => <i key={at} class={bar.n === null ? "none" : ""} style={{ height: bar.n === null ? "12px" : `${(100 * Math.max(0, bar.n)) / most}%` }} />)}</div>
      <p class="axis small muted" aria-hidden="true"><span>{bars[0]?.end}</span><span>{most}</span><span>{bars.at(-1)?.end}</span></p>
      <table class="sr"><caption>{title}</caption><tbody>{bars.map((bar, at) => <tr key={at}><th scope="row">{bar.label}</th><td>{bar.n ?? t("shop.notcounted")}</td></tr>)}</tbody></table>
    </section>
  );
}

function History({ visits }: { visits: PastVisit[] }) {
  return (
    <section class="card">
      <h2 class="h2">{t("shop.history")}</h2>
      <ul class="list">
        {visits.slice(0, 12).map((visit) => (
          <li key={visit.visit} class="step">
            <b>{day(visit.date, lang.value)}</b> <span class="small muted">{visit.person}</span><br />
            <span class="small">
              {visit.packs === null ? t("shop.notcounted") : t("shop.counted", { n: visit.packs })}
              {visit.out.length > 0 && <> · <span class="lost">{t("today.out", { n: visit.out.length })}</span></>}
              {visit.cartons > 0 && <> · {t("shop.ordered", { n: visit.cartons })}</>}
              {visit.note && <><br />{visit.note}</>}
            </span>
          </li>
        ))}
      </ul>
      {visits.length === 0 && <p class="step small dim">{t("today.never")}</p>}
    </section>
  );
}

function Complaints({ complaints }: { complaints: { at_ms: number; text: string }[] }) {
  if (complaints.length === 0) return null;
  const latest = [...complaints].sort((a, b) => b.at_ms - a.at_ms).slice(0, 10);
  return <section class="card"><h2 class="h2">{t("shop.complaints")}</h2><ul class="list">{latest.map((one) => <li key={one.at_ms} class="step small">{one.text}</li>)}</ul></section>;
}

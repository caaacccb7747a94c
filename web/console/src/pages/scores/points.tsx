// Points that staff give or take, and complaints: one records, another approves; only then do they count.

import { useState } from "preact/hooks";
import { day } from "@roundsman/ui/format";
import { get, post, type Schemas } from "../../api/client.ts";
import { lang, t, titled } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { useSend } from "../../state/send.ts";
import { may, me } from "../../state/session.ts";
import { Chip, pointsGiven, when } from "../../ui/bits.tsx";
import { AskReason, AskSend, Dialog } from "../../ui/dialog.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";
import type { Common } from "./data.ts";

interface Event {
  id: string;
  /** Named by who decides, so that nobody decides on what they have not seen. */
  version: number;
  date: string;
  person: string;
  scored: { indicator: string; points: string } | null;
  retailer: string | null;
  note: string;
  complaint: { document: string; id: string } | null;
  recorded_by: string;
  recorded_ms: number;
  state: { state: "awaits_approval" } | { state: "approved" | "declined"; by: string; at_ms: number; reason?: string };
}

interface Complaint {
  document: string;
  id: string;
  at_ms: number;
  text: string;
  severity: string | null;
  ruling: Event | null;
}

type NewEvent = { complaint?: Complaint };

export function PointsPage({ month, common }: { month: string; common: Common }) {
  const all = useLoad(`points/${month}`, async (signal) => {
    const [events, complaints] = await Promise.all([get<Event[]>("/v1/score-events", {}, signal), get<Complaint[]>(`/v1/complaints/${month}`, {}, signal)]);
    return { events: events.filter((event) => event.date.startsWith(month)), complaints };
  });
  const [adding, setAdding] = useState<NewEvent>();
  const [deciding, setDeciding] = useState<{ event: Event; approve: boolean }>();
  const name = (id: string) => common.names.get(id) ?? id;
  const views = common.schemes.flatMap((row) => row.scheme?.indicators ?? []).filter((view) => view.formula === "events");
  const title = (id: string) => {
    const view = views.find((view) => view.id === id);
    return view ? titled(view.title) : id;
  };
  const close = (changed: boolean) => {
    setAdding(undefined);
    setDeciding(undefined);
    if (changed) all.again();
  };
  return (
    <Loads of={all}>
      {({ events, complaints }) => (
        <div class="restates">
          <section class="card" aria-label={t("points.title")}>
            <div class="row sech"><h2 class="grow">{t("points.title")}</h2><TakeAway path={`/v1/tables/points?month=${month}`} /><button class="btn btn--primary" onClick={() => setAdding({})}>{t("points.add")}</button></div>
            {events.length === 0 ? <StateBox icon="score" head={t("points.none")} why={t("points.none.why")} /> : (
              <Table
                label={t("points.title")}
                rows={events}
                id={(event) => event.id}
                columns={[
                  { key: "date", head: t("today.date"), cell: (event) => day(event.date, lang.value), by: (event) => event.date },
                  { key: "person", head: t("col.person"), cell: (event) => <b>{name(event.person)}</b>, by: (event) => name(event.person) },
                  { key: "what", head: t("schemes.indicators"), cell: (event) => (event.scored ? title(event.scored.indicator) : t("points.notliable")), by: (event) => event.scored?.indicator ?? "" },
                  { key: "points", head: t("scores.points"), number: true, cell: (event) => <b class={event.scored?.points.startsWith("-") ? "neg" : ""}>{event.scored?.points.replace("-", "−") ?? "–"}</b>, by: (event) => Number(event.scored?.points ?? 0) },
                  { key: "note", head: t("restate.reason"), cell: (event) => <span class="clip note" title={event.note}>{event.note}</span> },
                  { key: "by", head: t("points.by"), cell: (event) => <span class="small">{name(event.recorded_by)}<br /><span class="muted">{when(event.recorded_ms)}</span></span> },
                  { key: "state", head: t("devices.state"), cell: (event) => event.state.state === "awaits_approval" ? <Chip kind="flag" icon="clock">{t("disputes.proposed")}</Chip> : event.state.state === "approved" ? <Chip kind="safe" icon="check">{t("points.approved")}</Chip> : <Chip kind="plain">{t("points.declined")}</Chip> },
                  { key: "do", head: "", cell: (event) => event.state.state === "awaits_approval" && may("admin", "supervisor") && (
                    event.recorded_by === me().person ? <span class="small muted">{t("disputes.another")}</span> : <span class="row"><button class="btn sm btn--soft" onClick={() => setDeciding({ event, approve: true })}>{t("disputes.approve")}</button><button class="btn sm" onClick={() => setDeciding({ event, approve: false })}>{t("points.decline")}</button></span>
                  ) },
                ]}
              />
            )}
          </section>
          {complaints.length > 0 && (
            <section class="card" aria-label={t("complaints.title")}>
              <div class="row sech"><h2 class="grow">{t("complaints.title")}</h2><TakeAway path={`/v1/tables/complaints?month=${month}`} /></div>
              <Table
                label={t("complaints.title")}
                rows={complaints}
                id={(complaint) => `${complaint.document}/${complaint.id}`}
                columns={[
                  { key: "at", head: t("today.date"), cell: (complaint) => when(complaint.at_ms), by: (complaint) => complaint.at_ms },
                  { key: "shop", head: t("col.shop"), cell: (complaint) => <code>{complaint.document.split("/")[1]}</code> },
                  { key: "text", head: t("restate.reason"), cell: (complaint) => <span class="wrap">{complaint.text}</span> },
                  { key: "do", head: "", cell: (complaint) => complaint.ruling && complaint.ruling.state.state !== "declined" ? <Chip kind="plain">{complaint.ruling.scored?.points ?? t("points.notliable")}</Chip> : <button class="btn sm" onClick={() => setAdding({ complaint })}>{t("disputes.rule")}</button> },
                ]}
              />
            </section>
          )}
          {adding && <Add month={month} views={views.map((view) => [view.id, titled(view.title)])} people={common.managers} start={adding} onClose={close} />}
          {deciding && <Decide event={deciding.event} approve={deciding.approve} who={name(deciding.event.person)} title={title} onClose={close} />}
        </div>
      )}
    </Loads>
  );
}

/** Approves, or declines with a reason, what another has recorded: whose it is and how much is said before. */
function Decide({ event, approve, who, title, onClose }: { event: Event; approve: boolean; who: string; title: (id: string) => string; onClose: (changed: boolean) => void }) {
  const what = event.scored ? `${title(event.scored.indicator)} ${pointsGiven(event.scored.points)}` : t("points.notliable");
  const send = (reason: string) => post(`/v1/score-events/${event.id}/approval`, { approve, reason, seen: event.version });
  if (!approve) return <AskReason question={t("points.decline.sure", { who, what })} yes={t("points.decline")} send={send} onClose={onClose} />;
  return <AskSend question={t("points.approve.sure", { who, what })} yes={t("disputes.approve")} send={() => send("")} onClose={onClose}><p class="pre">{event.note}</p></AskSend>;
}

function newId(): string {
  return `event-${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function Add(props: { month: string; views: [string, string][]; people: Schemas["PersonRow"][]; start: NewEvent; onClose: (changed: boolean) => void }) {
  const { complaint } = props.start;
  // Of the form, not of the attempt: where an answer was lost, trying again records nothing twice.
  const [id] = useState(newId);
  const { busy, fault, send } = useSend();
  const cancel = () => props.onClose(fault !== "");
  async function record(form: HTMLFormElement) {
    const data = new FormData(form);
    const text = (key: string) => String(data.get(key) ?? "");
    const liable = text("indicator") !== "";
    const recorded = await send(() => post("/v1/score-events", {
      id, date: complaint ? null : text("date"), person: text("person"), note: text("note"),
      indicator: liable ? text("indicator") : null, points: liable ? text("points") : null,
      complaint: complaint ? { document: complaint.document, id: complaint.id } : null,
    }));
    if (recorded) props.onClose(true);
  }
  return (
    <Dialog title={t(complaint ? "disputes.rule" : "points.add")} onClose={cancel}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void record(event.currentTarget); }}>
        {complaint && <p class="pre">{complaint.text}</p>}
        <label>{t("col.person")}<select name="person" required><option value="">{t("points.choose")}</option>{props.people.map((one) => <option key={one.person_id} value={one.person_id}>{one.name} ({one.person_id})</option>)}</select></label>
        {!complaint && <label>{t("today.date")}<input name="date" type="date" defaultValue={me().today.startsWith(props.month) ? me().today : `${props.month}-01`} required /></label>}
        <label>{t("schemes.indicators")}<select name="indicator">{complaint && <option value="">{t("points.notliable")}</option>}{props.views.map(([id, title]) => <option key={id} value={id}>{title}</option>)}</select></label>
        <label>{t("scores.points")}<input name="points" inputMode="decimal" pattern="-?[0-9]+(\.[0-9]{1,4})?" defaultValue={complaint ? "" : "-0.5"} required={!complaint} /></label>
        <label>{t("restate.reason")}<textarea name="note" rows={3} required /></label>
        <p class="small muted">{t("points.another")}</p>
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row end-row"><button class="btn btn--primary" disabled={busy}>{t("do.save")}</button></div>
      </form>
    </Dialog>
  );
}

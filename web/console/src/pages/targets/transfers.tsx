// Parts of plans that change hands: two managers agree on their phones, then staff confirm; from then on it counts.

import { useState } from "preact/hooks";
import { get, post, type Schemas } from "../../api/client.ts";
import type { Transfer } from "../../api/targets.ts";
import { t, titled } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { useSend } from "../../state/send.ts";
import { may, me } from "../../state/session.ts";
import { Chip, decimal, when } from "../../ui/bits.tsx";
import { AskReason, Dialog } from "../../ui/dialog.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";
import { monthOf, useCommon } from "../scores/data.ts";

export function TransfersPage() {
  const [month, setMonth] = useState(monthOf(me().today));
  const common = useCommon();
  const all = useLoad(`transfers/${month}`, (signal) => get<Transfer[]>("/v1/transfers", { month }, signal));
  const { busy, fault, send } = useSend();
  const [declining, setDeclining] = useState<Transfer>();
  const [adding, setAdding] = useState(false);
  const name = (id: string) => common.data?.names.get(id) ?? id;
  const title = (id: string) => {
    const view = common.data?.schemes.flatMap((row) => row.scheme?.indicators ?? []).find((view) => view.id === id);
    return view ? titled(view.title) : id;
  };
  const decide = (transfer: Transfer, approve: boolean, reason: string) => post(`/v1/transfers/${transfer.id}/confirmation`, { approve, reason });
  return (
    <section class="card one" aria-label={t("targets.transfers")}>
      <div class="row sech"><h2 class="grow">{t("targets.transfers")}</h2>
        <input type="month" aria-label={t("scores.month")} value={month} onChange={(event) => event.currentTarget.value && setMonth(event.currentTarget.value)} />
        <TakeAway path={`/v1/tables/transfers?month=${month}`} />
        {may("admin", "supervisor", "analyst") && <button class="btn btn--primary" onClick={() => setAdding(true)}>{t("transfers.add")}</button>}</div>
      {fault && <p class="fault inset" role="alert">{fault}</p>}
      <Loads of={all}>
        {(rows) => rows.length === 0 ? <StateBox icon="person" head={t("transfers.none")} why={t("transfers.none.why")} /> : (
          <Table
            label={t("targets.transfers")}
            rows={rows}
            id={(row) => row.id}
            columns={[
              { key: "from", head: t("transfers.from"), cell: (row) => <><b>{name(row.from)}</b> <Agreed at={row.from_agreed_ms} /></>, by: (row) => name(row.from) },
              { key: "to", head: t("transfers.to"), cell: (row) => <><b>{name(row.to)}</b> <Agreed at={row.to_agreed_ms} /></>, by: (row) => name(row.to) },
              { key: "what", head: t("schemes.indicators"), cell: (row) => <>{title(row.indicator)}{row.item && <> <code class="small">{row.item}</code></>}</>, by: (row) => row.indicator },
              { key: "amount", head: t("transfers.amount"), number: true, cell: (row) => <b>{decimal(row.amount)}</b>, by: (row) => Number(row.amount) },
              { key: "reason", head: t("restate.reason"), cell: (row) => <span class="clip note" title={row.reason}>{row.reason}</span> },
              { key: "by", head: t("transfers.by"), cell: (row) => <span class="small">{name(row.proposed_by)}<br /><span class="muted">{when(row.proposed_ms)}</span></span>, by: (row) => row.proposed_ms },
              { key: "state", head: t("col.state"), cell: (row) => <State transfer={row} /> },
              { key: "do", head: "", cell: (row) => !row.closed && may("admin", "supervisor") && (
                <span class="row">
                  {row.from_agreed_ms != null && row.to_agreed_ms != null && row.proposed_by !== me().person && <button class="btn sm btn--soft" disabled={busy} onClick={() => void send(() => decide(row, true, "")).then(all.again)}>{t("transfers.confirm")}</button>}
                  <button class="btn sm" onClick={() => setDeclining(row)}>{t("points.decline")}</button>
                </span>
              ) },
            ]}
          />
        )}
      </Loads>
      {declining && (
        <AskReason
          question={t("transfers.decline.sure", { who: `${name(declining.from)} → ${name(declining.to)}` })}
          yes={t("points.decline")}
          send={(reason) => decide(declining, false, reason)}
          onClose={(changed) => { setDeclining(undefined); if (changed) all.again(); }}
        />
      )}
      {adding && <Propose month={month} people={[...(common.data?.names ?? [])]} onClose={(changed) => { setAdding(false); if (changed) all.again(); }} />}
    </section>
  );
}

function Agreed({ at }: { at: number | null }) {
  return at == null ? <Chip kind="todo" icon="clock">{t("transfers.waits")}</Chip> : <Chip kind="safe" icon="check">{t("transfers.agreed")}</Chip>;
}

function State({ transfer }: { transfer: Transfer }) {
  if (transfer.closed) return transfer.closed.confirmed ? <Chip kind="safe" icon="check">{t("transfers.confirmed")}</Chip> : <><Chip kind="plain">{t("points.declined")}</Chip> <span class="small muted">{transfer.closed.reason}</span></>;
  const both = transfer.from_agreed_ms != null && transfer.to_agreed_ms != null;
  return <Chip kind="flag" icon="clock">{t(both ? "transfers.awaits" : "transfers.managers")}</Chip>;
}

/** What can be taken over: the indicators that add up, as the month's plans have them. */
function Propose({ month, people, onClose }: { month: string; people: [string, string][]; onClose: (changed: boolean) => void }) {
  const managers = useLoad("managers", (signal) => get<Schemas["PersonRow"][]>("/v1/people", {}, signal));
  const plans = useLoad(`plans/${month}`, (signal) => get<Schemas["CascadeView"]>(`/v1/targets/${month}`, {}, signal));
  const [id] = useState(() => `x-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`);
  const { busy, fault, send } = useSend();
  const ids = new Set(managers.data?.filter((person) => person.role === "manager").map((person) => person.person_id));
  const choices = people.filter(([id]) => ids.has(id));
  async function propose(form: HTMLFormElement) {
    const data = new FormData(form);
    const text = (key: string) => String(data.get(key) ?? "");
    const planned = plans.data?.planned[Number(text("what"))];
    if (!planned) return;
    const body = { id, month, from: text("from"), to: text("to"), indicator: planned.indicator, item: planned.item ?? null, amount: text("amount"), reason: text("reason") };
    if (await send(() => post("/v1/transfers", body))) onClose(true);
  }
  const options = choices.map(([id, name]) => <option key={id} value={id}>{name}</option>);
  return (
    <Dialog title={t("transfers.add")} onClose={() => onClose(false)}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void propose(event.currentTarget); }}>
        <div class="row"><label class="grow">{t("transfers.from")}<select name="from">{options}</select></label><label class="grow">{t("transfers.to")}<select name="to">{options}</select></label></div>
        <label>{t("schemes.indicators")}<select name="what">{plans.data?.planned.map((one, n) => <option key={n} value={n}>{titled(one.title)}{one.item_name ? ` · ${one.item_name}` : ""}</option>)}</select></label>
        <label>{t("transfers.amount")}<input name="amount" inputMode="decimal" pattern="[0-9]+(\.[0-9]{1,4})?" required /></label>
        <label>{t("restate.reason")}<textarea name="reason" rows={3} required /></label>
        <p class="small muted">{t("transfers.next")}</p>
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row end-row"><button type="button" class="btn" onClick={() => onClose(false)}>{t("do.cancel")}</button><button class="btn btn--primary" disabled={busy}>{t("transfers.add")}</button></div>
      </form>
    </Dialog>
  );
}

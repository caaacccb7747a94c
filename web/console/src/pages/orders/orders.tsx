// Order plans that await a ruling, with what they take of the quotas, and what is far from usual.

import { useState } from "preact/hooks";
import { dayWithWeekday, grouped, plusDays } from "@roundsman/ui/format";
import { get, pathOf, type Schemas } from "../../api/client.ts";
import { lang, t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { link } from "../../state/route.ts";
import { me } from "../../state/session.ts";
import { Chip, money } from "../../ui/bits.tsx";
import { Header, Tabs } from "../../ui/header.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";
import { ApprovePlain } from "./plain.tsx";
import { PlanPanel } from "./plan.tsx";
import { QuotaTable } from "./quotas.tsx";

type Review = Schemas["OrderReview"];
export type Plan = Schemas["ReviewedPlan"];

/** What comes in today is ruled on today; a Monday sees what the weekend left. */
const DAYS = 3;

export function overQuota(line: Plan["lines"][number]): boolean {
  return line.quota != null && line.stands + line.elsewhere > line.quota;
}

export function OrdersPage({ part, visit }: { part: string; visit?: string }) {
  const [asked, setAsked] = useState({ from: plusDays(me().today, -DAYS), to: me().today, awaiting: true, person: "" });
  const query = { from: asked.from, to: asked.to, awaiting: asked.awaiting, person: asked.person || undefined };
  const review = useLoad(pathOf("orders", query), (signal) => get<Review>("/v1/orders/review", query, signal));
  const people = useLoad("people", (signal) => get<Schemas["PersonRow"][]>("/v1/people", {}, signal));
  const quotas = part === "quotas";
  const change = (some: Partial<typeof asked>) => setAsked({ ...asked, ...some });
  return (
    <>
      <Header title={t("orders.title")} sub={review.data && t("orders.sub", { n: review.data.plans.length })}>
        <span class="row datepick">
          <input type="date" aria-label={t("assign.from")} value={asked.from} max={asked.to} onChange={(event) => event.currentTarget.value && change({ from: event.currentTarget.value })} />–
          <input type="date" aria-label={t("assign.to")} value={asked.to} min={asked.from} onChange={(event) => event.currentTarget.value && change({ to: event.currentTarget.value })} />
        </span>
      </Header>
      <div class="tabsrow">
        <Tabs label={t("orders.title")} tabs={[[link("orders"), t("orders.plans"), !quotas], [link("orders", "quotas"), t("orders.quotas"), quotas]]} />
        {!quotas && (
          <>
            <span class="seg" role="group" aria-label={t("col.state")}>
              {[true, false].map((awaiting) => <button key={String(awaiting)} class={asked.awaiting === awaiting ? "on" : ""} aria-pressed={asked.awaiting === awaiting} onClick={() => change({ awaiting })}>{t(awaiting ? "orders.awaiting" : "today.filter.all")}</button>)}
            </span>
            <select aria-label={t("col.person")} value={asked.person} onChange={(event) => change({ person: event.currentTarget.value })}>
              <option value="">{t("orders.everybody")}</option>
              {people.data?.filter((person) => person.role === "manager").map((person) => <option key={person.person_id} value={person.person_id}>{person.name}</option>)}
            </select>
          </>
        )}
      </div>
      <Loads of={review} lines={9}>
        {(data) => quotas
          ? <QuotaTable quotas={data.quotas} path={pathOf("/v1/tables/quotas", query)} />
          : <Plans review={data} visit={visit} path={pathOf("/v1/tables/orders", query)} onRuled={review.again} />}
      </Loads>
    </>
  );
}

function Plans({ review, visit, path, onRuled }: { review: Review; visit: string | undefined; path: string; onRuled: () => void }) {
  const shown = review.plans.find((plan) => plan.visit === visit);
  // Kept here, as a plan on which somebody else has ruled meanwhile is not among those that await a ruling any more.
  const [failed, setFailed] = useState({ visit, fault: "" });
  const fault = failed.visit === visit ? failed.fault : "";
  const awaiting = review.plans.filter((plan) => plan.awaits).length;
  const list = review.plans.length === 0 ? <StateBox icon="cart" head={t("orders.none")} why={t("orders.none.why")} /> : (
    <Table
      label={t("orders.plans")}
      rows={review.plans}
      id={(plan) => plan.visit}
      first={{ key: "date", down: true }}
      rowClass={(plan) => (plan.visit === shown?.visit ? "chosen" : "")}
      columns={[
        { key: "date", head: t("today.date"), cell: (plan) => dayWithWeekday(plan.date, lang.value), by: (plan) => plan.date },
        { key: "shop", head: t("col.shop"), cell: (plan) => <><a class="link" href={link("orders", plan.date, plan.visit)} aria-current={plan.visit === shown?.visit ? "true" : undefined}>{plan.shop}</a> <span class="small muted">{plan.grade != null && t("visit.grade", { n: plan.grade })}</span></>, by: (plan) => plan.shop },
        { key: "person", head: t("col.person"), cell: (plan) => plan.person, by: (plan) => plan.person },
        { key: "cartons", head: t("col.cartons"), number: true, cell: (plan) => <b>{grouped(plan.cartons)}</b>, by: (plan) => plan.cartons },
        { key: "value", head: t("col.value"), number: true, cell: (plan) => money(plan.value), by: (plan) => Number(plan.value) },
        { key: "warnings", head: t("orders.look"), cell: (plan) => <Warnings plan={plan} />, by: (plan) => -(plan.unusual.length + plan.lines.filter(overQuota).length) },
        { key: "state", head: t("col.state"), cell: (plan) => <State plan={plan} />, by: (plan) => (plan.awaits ? 0 : 1) },
      ]}
    />
  );
  return (
    <div class="two ord2">
      <section class="card" aria-label={t("orders.plans")}>
        {list}
        <div class="row foot1"><span class="small muted grow">{t("orders.foot", { n: awaiting })}{review.left_off > 0 && <> {t("orders.more", { n: review.left_off })}</>}</span><ApprovePlain plans={review.plans} onDone={onRuled} /><TakeAway path={path} /></div>
      </section>
      <aside>
        {shown ? <PlanPanel key={shown.visit} plan={shown} fault={fault} onRuled={(fault) => { setFailed({ visit, fault }); onRuled(); }} />
          : <section class="card">{fault && <p class="fault inset" role="alert">{fault}</p>}<StateBox icon="cart" head={t("orders.choose")} /></section>}
      </aside>
    </div>
  );
}

function Warnings({ plan }: { plan: Plan }) {
  const over = plan.lines.filter(overQuota).length;
  return (
    <span class="chips">
      {over > 0 && <Chip kind="out" icon="lock">{t("orders.over.n", { n: over })}</Chip>}
      {plan.unusual.map((one) => <Chip key={one.compared_with} kind="flag" icon="warning">{t(one.compared_with === "own" ? "orders.unusual.own" : "orders.unusual.peers", { n: one.usual })}</Chip>)}
      {over === 0 && plan.unusual.length === 0 && <span class="dim">–</span>}
    </span>
  );
}

function State({ plan }: { plan: Plan }) {
  if (!plan.awaits) return <Chip kind="safe" icon="check">{t("orders.ruled")}</Chip>;
  const open = plan.lines.filter((line) => line.awaits).length;
  return <Chip kind="todo" icon="clock">{t("orders.awaits.n", { n: open })}</Chip>;
}

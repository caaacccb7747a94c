// A month's plans of one indicator: the district, its teams, their managers, their routes, each beside the sum of what is
// below it.

import { useState } from "preact/hooks";
import { get, pathOf, Problem, type Schemas } from "../../api/client.ts";
import { t, titled, type TextKey } from "../../state/lang.ts";
import { useKept, useLoad } from "../../state/load.ts";
import { me } from "../../state/session.ts";
import { Chip, decimal, Signed } from "../../ui/bits.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";
import { monthOf } from "../scores/data.ts";

type View = Schemas["CascadeView"];
type Difference = Schemas["NamedDifference"];

export function CascadePage() {
  const [month, setMonth] = useState(monthOf(me().today));
  const [what, setWhat] = useState<{ indicator: string; item?: string }>();
  const query = { indicator: what?.indicator, item: what?.item };
  const view = useKept(useLoad(`${month}/${pathOf("", query)}`, (signal) => get<View>(`/v1/targets/${month}`, query, signal)));
  const none = view.problem instanceof Problem && view.problem.status === 404;
  return (
    <>
      <p class="row tabsrow">
        <label class="row small">{t("scores.month")} <input type="month" value={month} onChange={(event) => { if (event.currentTarget.value) { setMonth(event.currentTarget.value); setWhat(undefined); } }} /></label>
        {view.data && <Choice view={view.data} onChoose={setWhat} />}
      </p>
      {none ? <StateBox icon="list" head={t("targets.none")} why={t("targets.none.why")} /> : <Loads of={view} lines={9}>{(view) => <Cascade view={view} onChoose={setWhat} />}</Loads>}
    </>
  );
}

function nameOf(view: View, indicator: string, item: string | null | undefined): string {
  const planned = view.planned.find((one) => one.indicator === indicator && (one.item ?? null) === (item ?? null));
  return planned ? `${titled(planned.title)}${planned.item_name ? ` · ${planned.item_name}` : ""}` : indicator;
}

function Choice({ view, onChoose }: { view: View; onChoose: (what: { indicator: string; item?: string }) => void }) {
  const at = view.planned.findIndex((one) => one.indicator === view.indicator && (one.item ?? null) === (view.item ?? null));
  return (
    <label class="row small">{t("schemes.indicators")}
      <select value={at} onChange={(event) => {
        const planned = view.planned[Number(event.currentTarget.value)];
        if (planned) onChoose({ indicator: planned.indicator, ...(planned.item ? { item: planned.item } : {}) });
      }}>{view.planned.map((one, n) => <option key={n} value={n}>{nameOf(view, one.indicator, one.item)}</option>)}</select>
    </label>
  );
}

function Cascade({ view, onChoose }: { view: View; onChoose: (what: { indicator: string; item?: string }) => void }) {
  const path = pathOf("/v1/tables/targets", { month: view.month, indicator: view.indicator, item: view.item ?? undefined });
  const whole = view.rows.some((row) => row.plan.level !== "manager" && row.plan.plan != null);
  return (
    <>
      <Verdict view={view} onChoose={onChoose} />
      <section class="card one" aria-label={t("targets.cascade")}>
        <div class="row sech"><h2 class="grow">{nameOf(view, view.indicator, view.item)}</h2><TakeAway path={path} /></div>
        <Table
          label={t("targets.cascade")}
          rows={view.rows}
          id={(row) => `${row.plan.level}/${row.plan.unit}`}
          columns={[
            { key: "name", head: t("targets.unit"), cell: (row) => <span class={`level level--${row.plan.level}`}><b>{row.name}</b> <span class="small muted">{t(`targets.level.${row.plan.level}` as TextKey)}</span></span> },
            { key: "plan", head: t("scores.plan"), number: true, cell: (row) => (row.plan.plan == null ? <span class="muted">–</span> : <b>{decimal(row.plan.plan)}</b>) },
            { key: "effective", head: t("targets.effective"), number: true, cell: (row) => (row.plan.effective != null && row.plan.effective !== row.plan.plan ? decimal(row.plan.effective) : "") },
            { key: "sum", head: t("targets.sum"), number: true, cell: (row) => (row.plan.sum == null ? "" : decimal(row.plan.sum)) },
            { key: "difference", head: t("targets.difference"), number: true, cell: (row) => <Agrees difference={row.plan.difference} /> },
          ]}
        />
        {!whole && <p class="small muted foot1">{t("targets.managersonly")}</p>}
      </section>
    </>
  );
}

function Agrees({ difference }: { difference: string | null | undefined }) {
  if (difference == null) return null;
  return /[1-9]/.test(difference) ? <Signed value={difference} bad /> : <Chip kind="safe" icon="check">{t("targets.agrees")}</Chip>;
}

/** All indicators' sums in one sentence, and those that don't agree. */
function Verdict({ view, onChoose }: { view: View; onChoose: (what: { indicator: string; item?: string }) => void }) {
  if (view.sums === 0) return null;
  const wrong = view.differences;
  if (wrong.length === 0) return <p class="banner banner--safe" role="status">{t("targets.sums.agree", { n: view.sums })}</p>;
  const say = (one: Difference) => `${one.name} · ${nameOf(view, one.indicator, one.item)}`;
  return (
    <details class="banner banner--bad" open={wrong.length < 4}>
      <summary>{t("targets.sums.wrong", { n: wrong.length, all: view.sums })}</summary>
      <ul>{wrong.map((one) => (
        <li key={say(one)}><button class="link" onClick={() => onChoose({ indicator: one.indicator, ...(one.item ? { item: one.item } : {}) })}>{say(one)}</button> {t("targets.sums.of", { plan: one.plan == null ? "–" : decimal(one.plan), sum: decimal(one.sum) })} <Signed value={one.difference} bad /></li>
      ))}</ul>
    </details>
  );
}

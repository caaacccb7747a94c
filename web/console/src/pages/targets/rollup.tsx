// What scores come to for people, teams, departments and the district, and for outlets, over a month, a quarter or a year.

import { useState } from "preact/hooks";
import { grouped } from "@roundsman/ui/format";
import { get, pathOf, Problem, type Schemas } from "../../api/client.ts";
import { percent, twoPlaces } from "../../api/score.ts";
import type { Outlets, RollUp } from "../../api/targets.ts";
import { t, titled } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { me } from "../../state/session.ts";
import { money, Points } from "../../ui/bits.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway, type Column } from "../../ui/table.tsx";
import { monthOf, plusMonths, quarterOf, quartersTo } from "../scores/data.ts";

const UNITS = ["person", "team", "department", "district", "outlet"] as const;
type Unit = (typeof UNITS)[number];

/** Months, quarters and years back from the present. */
function periods(): string[] {
  const month = monthOf(me().today);
  const year = Number(month.slice(0, 4));
  return [...Array.from({ length: 12 }, (_, n) => plusMonths(month, -n)), ...quartersTo(quarterOf(month), 6), String(year), String(year - 1)];
}

export function RollUpPage() {
  const [period, setPeriod] = useState(quarterOf(monthOf(me().today)));
  const [by, setBy] = useState<Unit>("team");
  const people = useLoad("people", (signal) => get<Schemas["PersonRow"][]>("/v1/people", {}, signal));
  const managers = people.data?.filter((person) => person.role === "manager") ?? [];
  const [chosen, setChosen] = useState("");
  const person = chosen || managers[0]?.person_id || "";
  return (
    <section class="card one rollup" aria-label={t("targets.rollup")}>
      <div class="row sech">
        <select aria-label={t("rollup.period")} value={period} onChange={(event) => setPeriod(event.currentTarget.value)}>{periods().map((one) => <option key={one}>{one}</option>)}</select>
        <span class="seg" role="group" aria-label={t("rollup.by")}>{UNITS.map((one) => <button key={one} class={one === by ? "on" : ""} aria-pressed={one === by} onClick={() => setBy(one)}>{t(`rollup.by.${one}`)}</button>)}</span>
        {by === "outlet" && <select aria-label={t("col.person")} value={person} onChange={(event) => setChosen(event.currentTarget.value)}>{managers.map((one) => <option key={one.person_id} value={one.person_id}>{one.name}</option>)}</select>}
        <span class="grow" />
        {by !== "outlet" ? <TakeAway path={`/v1/tables/rollup?period=${period}&by=${by}`} /> : person && <TakeAway path={`/v1/tables/outlets?period=${period}&person=${person}`} />}
      </div>
      {by !== "outlet" ? <Units period={period} by={by} /> : person && <Shops period={period} person={person} />}
    </section>
  );
}

function Nothing({ period }: { period: string }) {
  return <StateBox icon="score" head={t("rollup.none", { period })} why={t("rollup.none.why")} />;
}

function missing(problem: Problem | undefined): boolean {
  return problem?.status === 404;
}

type UnitRow = RollUp["rows"][number];

function Units({ period, by }: { period: string; by: string }) {
  const rolled = useLoad(pathOf(period, { by }), (signal) => get<RollUp>(`/v1/rollups/${period}`, { by }, signal));
  if (missing(rolled.problem)) return <Nothing period={period} />;
  return (
    <Loads of={rolled} lines={8}>
      {(data) => {
        const indicators = data.rows[0]?.indicators ?? [];
        const of = (row: UnitRow, id: string) => row.indicators.find((one) => one.id === id);
        const columns: Column<UnitRow>[] = [
          { key: "name", head: t("targets.unit"), cell: (row) => <b>{row.name || (row.unit === "" ? t("rollup.rest") : row.unit)}</b>, by: (row) => row.name },
          { key: "members", head: t("rollup.members"), number: true, cell: (row) => row.members.length, by: (row) => row.members.length },
          { key: "total", head: t("scores.total"), number: true, cell: (row) => <Points value={row.total} />, by: (row) => Number(row.total) },
          { key: "gated", head: t("rollup.gated"), number: true, cell: (row) => (row.gated_months > 0 ? <span class="fault-text">{row.gated_months}</span> : 0), by: (row) => row.gated_months },
          ...indicators.map((one): Column<UnitRow> => ({
            key: one.id, head: titled(one.title), number: true, by: (row) => Number(of(row, one.id)?.points ?? 0),
            cell: (row) => { const cell = of(row, one.id); return cell ? <span title={cell.actual ? `${cell.actual} / ${cell.plan ?? "–"}` : ""}>{twoPlaces(cell.points)}{cell.reached && <><br /><span class="small muted">{percent(cell.reached)}</span></>}</span> : "–"; },
          })),
        ];
        return (
          <>
            <Table key={by} label={t("targets.rollup")} rows={data.rows} id={(row) => row.unit} columns={columns} tight={false} first={{ key: "total", down: true }} />
            <div class="row foot1"><span class="small muted grow">{t("rollup.foot")} {data.months.map((month) => `${month.month} ${t(month.status === "open" ? "life.open" : "rollup.published")}`).join(" · ")}</span></div>
          </>
        );
      }}
    </Loads>
  );
}

function Shops({ period, person }: { period: string; person: string }) {
  const rolled = useLoad(pathOf(period, { person }), (signal) => get<Outlets>(`/v1/rollups/${period}`, { by: "outlet", person }, signal));
  if (missing(rolled.problem)) return <Nothing period={period} />;
  return (
    <Loads of={rolled} lines={8}>
      {(data) => (
        <>
          <Table
            label={t("rollup.by.outlet")}
            rows={data.rows}
            id={(row) => row.retailer}
            first={{ key: "value", down: true }}
            columns={[
              { key: "shop", head: t("col.shop"), cell: (row) => <><b>{data.names[row.retailer] ?? row.retailer}</b> <code class="small muted">{row.retailer}</code></>, by: (row) => data.names[row.retailer] ?? row.retailer },
              { key: "route", head: t("col.route"), cell: (row) => <code>{row.route ?? "–"}</code>, by: (row) => row.route ?? "" },
              { key: "value", head: t("col.value"), number: true, cell: (row) => <b>{money(row.value.replace(/0{1,2}$/, ""))}</b>, by: (row) => Number(row.value) },
              { key: "structure", head: t("rollup.structure"), number: true, cell: (row) => (row.value_per_carton === null ? "–" : twoPlaces(row.value_per_carton)), by: (row) => Number(row.value_per_carton ?? -1) },
              { key: "visited", head: t("rollup.visited"), number: true, cell: (row) => `${grouped(row.visited)} / ${grouped(row.planned)}`, by: (row) => (row.planned > 0 ? row.visited / row.planned : -1) },
              { key: "width", head: t("width.actual"), number: true, cell: (row) => (row.width !== null && row.standard !== null && row.width < row.standard ? <span class="neg">{row.width}</span> : (row.width ?? "–")), by: (row) => row.width ?? -1 },
              { key: "standard", head: t("width.standard"), number: true, cell: (row) => row.standard ?? "–", by: (row) => row.standard ?? -1 },
            ]}
          />
          <div class="row foot1"><span class="small muted grow">{t("rollup.outlet.foot")}</span></div>
        </>
      )}
    </Loads>
  );
}

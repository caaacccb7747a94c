// A quarter's stars: places, means, ties and pay, as the scheme sets them.

import { monthName } from "@roundsman/ui/format";
import { get, Problem } from "../../api/client.ts";
import type { StarsTable } from "../../api/score.ts";
import { lang, t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { me } from "../../state/session.ts";
import { decimal, Points, Stars } from "../../ui/bits.tsx";
import { Header } from "../../ui/header.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";
import { monthOf, quarterOf, useCommon } from "./data.ts";
import { ScoreTabs } from "./scores.tsx";

export function StarsPage({ quarter = quarterOf(monthOf(me().today)) }: { quarter?: string }) {
  const common = useCommon();
  const stars = useLoad(quarter, (signal) => get<StarsTable>(`/v1/stars/${quarter}`, {}, signal));
  const first = `${quarter.slice(0, 4)}-${String((Number(quarter.slice(5)) - 1) * 3 + 1).padStart(2, "0")}`;
  const missing = stars.problem instanceof Problem && stars.problem.status === 404;
  const name = (id: string) => common.data?.names.get(id) ?? id;
  return (
    <>
      <Header title={t("scores.title")} sub={t("scores.stars", { q: quarter })} />
      <div class="tabsrow"><ScoreTabs month={first} stars /></div>
      {missing ? <StateBox icon="star" head={t("scores.noscheme", { month: quarter })} why={t("scores.noscheme.why")} /> : (
        <Loads of={stars}>
          {(stars) => (
            <section class="card one" aria-label={t("scores.stars", { q: quarter })}>
              <div class="row sech">
                <h2 class="grow">{t("scores.stars", { q: quarter })}</h2>
                {stars.months.map((month) => (
                  <span key={month.month} class={month.status === "open" ? "chip chip--plain" : "chip chip--safe"}>
                    {month.status === "open" ? t("stars.month.open", { month: monthName(month.month, lang.value) })
                      : t("stars.month.published", { month: monthName(month.month, lang.value), n: month.revision ?? 1 })}
                  </span>
                ))}
              </div>
              <Table
                label={t("scores.stars", { q: quarter })}
                tight={false}
                rows={stars.managers}
                id={(row) => row.person_id}
                columns={[
                  { key: "rank", head: t("stars.rank"), number: true, cell: (row) => row.rank ?? "–", by: (row) => -(row.rank ?? 1e9) },
                  { key: "name", head: t("col.name"), cell: (row) => <b>{name(row.person_id)}</b>, by: (row) => name(row.person_id) },
                  { key: "mean", head: t("stars.mean"), number: true, cell: (row) => (row.mean === null ? <span class="muted">{t("stars.unranked")}</span> : <Points value={row.mean} />), by: (row) => Number(row.mean ?? -1) },
                  { key: "stars", head: t("stars.stars"), cell: (row) => <Stars count={row.stars} />, by: (row) => row.stars },
                  { key: "pay", head: t("stars.pay"), number: true, cell: (row) => (row.monthly_pay === null ? <span class="chip chip--plain">{t("stars.unset")}</span> : decimal(row.monthly_pay)) },
                  { key: "tie", head: t("stars.tie"), cell: (row) => (row.tie ? <span class="chip chip--flag">{t("stars.tie")}</span> : "") },
                ]}
              />
              <div class="row foot1"><span class="small muted grow" lang="en">{stars.warnings.join(" ")}</span><TakeAway path={`/v1/tables/stars?quarter=${quarter}`} /></div>
            </section>
          )}
        </Loads>
      )}
    </>
  );
}

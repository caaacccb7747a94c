// The month on paper: one table, printed by the browser.

import { monthName } from "@roundsman/ui/format";
import { get } from "../../api/client.ts";
import { percent, twoPlaces, type MonthScore } from "../../api/score.ts";
import { lang, t, titled } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { now } from "../../state/clock.ts";
import { me } from "../../state/session.ts";
import { when } from "../../ui/bits.tsx";
import { Header } from "../../ui/header.tsx";
import { Loads } from "../../ui/states.tsx";
import { schemeOf, useCommon, type Common } from "./data.ts";
import { incomplete } from "./scores.tsx";

export function ReportPage({ month }: { month: string }) {
  const report = useLoad(month, (signal) => get<MonthScore>(`/v1/scores/${month}`, {}, signal));
  const common = useCommon();
  return (
    <>
      <div class="noprint"><Header title={t("export.report")} sub={monthName(month, lang.value)}><button class="btn btn--primary" onClick={() => window.print()}>{t("do.print")}</button></Header></div>
      <Loads of={common}>{(common) => <Loads of={report}>{(score) => <Sheet score={score} common={common} />}</Loads>}</Loads>
    </>
  );
}

function Sheet({ score, common }: { score: MonthScore; common: Common }) {
  const scheme = schemeOf(common, score.scheme_hash);
  const late = incomplete(score, common);
  const managers = [...score.managers].sort((a, b) => Number(b.total) - Number(a.total) || (a.person_id < b.person_id ? -1 : 1));
  return (
    <article class="card paper">
      <h2>{me().district} · {t("report.title", { month: monthName(score.month, lang.value) })}</h2>
      <p class="small muted">{scheme && titled(scheme.title)} · {score.scheme_hash.slice(0, 12)} · {t("scores.asof", { day: score.as_of })} · {t("report.made", { when: when(now.peek()) })}</p>
      {score.complete_up_to && <p class="small">{t("report.open")}</p>}
      {late && <p class="small"><b>{t("scores.incomplete")}</b> {late}</p>}
      <div class="scrolls" tabIndex={0} role="group" aria-label={t("export.report")}>
        <table class="t tight">
          <thead>
            <tr><th scope="col">{t("scores.rank")}</th><th scope="col">{t("col.name")}</th><th scope="col" class="r">{t("scores.total")}</th><th scope="col" class="r">{t("scores.progress")}</th>
              {scheme?.indicators.map((view) => <th key={view.id} scope="col" class="r tall">{titled(view.title)}</th>)}</tr>
          </thead>
          <tbody>
            {managers.map((manager, n) => (
              <tr key={manager.person_id}>
                <td>{n + 1}</td><td><b>{common.names.get(manager.person_id) ?? manager.person_id}</b></td><td class="r"><b>{manager.total}</b></td>
                <td class="r">{manager.gate ? percent((manager.gate.judged_by === "pace" ? manager.gate.pace : manager.gate.progress) ?? "0") : "–"}{manager.gated ? " ⊟" : ""}</td>
                {manager.indicators.map((indicator) => <td key={indicator.id} class="r">{twoPlaces(indicator.points)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="small muted">{t("scores.foot")}</p>
    </article>
  );
}

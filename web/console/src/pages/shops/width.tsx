// Brand-width standards: how wide shops are, which kinds of shops there are, and what follows for each route.

import { useState } from "preact/hooks";
import { grouped } from "@roundsman/ui/format";
import { get } from "../../api/client.ts";
import type { Cluster, FittedShop, QuarterFit, RouteWidth } from "../../api/width.ts";
import { named, t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { me } from "../../state/session.ts";
import { Loads } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";
import { monthOf, quarterOf, quartersTo } from "../scores/data.ts";
import { AXES, Mark, Scatter, type Axis } from "./scatter.tsx";

const PARTS = ["routes", "clusters", "shops"] as const;

export function WidthPage() {
  const now = quarterOf(monthOf(me().today));
  const [quarter, setQuarter] = useState(now);
  const fit = useLoad(`width/${quarter}`, (signal) => get<QuarterFit>("/v1/width/fit", { quarter }, signal));
  return (
    <>
      <p class="row tabsrow"><label class="row small">{t("schemes.quarter")} <select value={quarter} onChange={(event) => setQuarter(event.currentTarget.value)}>{quartersTo(now, 6).map((one) => <option key={one}>{one}</option>)}</select></label></p>
      <Loads of={fit} lines={9}>{(fit) => <Fitted fit={fit} />}</Loads>
    </>
  );
}

function Fitted({ fit }: { fit: QuarterFit }) {
  const [axis, setAxis] = useState<Axis>("predicted");
  const [part, setPart] = useState<(typeof PARTS)[number]>("routes");
  return (
    <div class="two width2">
      <section class="card" aria-label={t("width.title")}>
        <div class="row sech">
          <h2 class="grow">R² {fit.r2?.toFixed(3) ?? "–"} <small class="muted">{t("width.sub", { n: grouped(fit.shops.length), k: fit.clusters.length, out: grouped(fit.left_out.length) })}</small></h2>
          <select aria-label={t("width.axis")} value={axis} onChange={(event) => setAxis(event.currentTarget.value as Axis)}>{AXES.map((one) => <option key={one} value={one}>{t(`width.axis.${one}`)}</option>)}</select>
        </div>
        <Scatter fit={fit} axis={axis} />
        <ul class="legend inset">{fit.clusters.map((cluster) => <li key={cluster.cluster} class="small"><Mark cluster={cluster.cluster} /> {t("width.cluster", { n: cluster.cluster })} <span class="muted">{t("width.cluster.what", { n: grouped(cluster.shops), w: cluster.mean_width.toFixed(1), r: cluster.r2?.toFixed(2) ?? "–" })}</span></li>)}</ul>
        {fit.warnings.length > 0 && <details class="inset small"><summary>{t("import.warnings")} ({fit.warnings.length})</summary><ul lang="en">{fit.warnings.map((warning) => <li key={warning}>{warning}</li>)}</ul></details>}
      </section>
      <section class="card" aria-label={t(`width.part.${part}`)}>
        <div class="row sech">
          <span class="seg" role="group" aria-label={t("width.title")}>{PARTS.map((one) => <button key={one} class={one === part ? "on" : ""} aria-pressed={one === part} onClick={() => setPart(one)}>{t(`width.part.${one}`)}</button>)}</span><span class="grow" />
          <TakeAway path={`/v1/tables/width_${part}?quarter=${fit.quarter}`} />
        </div>
        {part === "routes" ? <Routes routes={fit.routes} /> : part === "clusters" ? <Clusters clusters={fit.clusters} /> : <Shops shops={fit.shops} />}
        <p class="small muted foot1">{t("width.foot")}</p>
      </section>
    </div>
  );
}

function Routes({ routes }: { routes: RouteWidth[] }) {
  // As marked as the difference is: two SKUs and more are worth a look.
  const moved = (now: number | undefined, then: number) => (now !== undefined && Math.abs(then - now) >= 2 ? <b>{then}</b> : then);
  return (
    <Table
      label={t("width.part.routes")}
      rows={routes}
      id={(route) => route.route_id}
      first={{ key: "route", down: false }}
      groups={[["", 3], [t("width.proposed"), 2], [t("schemes.inforce"), 2]]}
      columns={[
        { key: "route", head: t("col.route"), cell: (route) => <><b>{route.name}</b> <span class="small muted">{route.route_id}</span></>, by: (route) => route.route_id },
        { key: "shops", head: t("col.shop"), number: true, cell: (route) => <>{route.shops}{route.left_out > 0 && <span class="small muted"> −{route.left_out}</span>}</>, by: (route) => route.shops },
        { key: "width", head: t("width.actual"), number: true, cell: (route) => <b>{route.width.toFixed(1)}</b>, by: (route) => route.width },
        { key: "standard", head: t("width.standard"), number: true, cell: (route) => moved(route.current?.standard, route.standard), by: (route) => route.standard },
        { key: "ideal", head: t("width.ideal"), number: true, cell: (route) => moved(route.current?.ideal, route.ideal), by: (route) => route.ideal },
        { key: "standard_now", head: t("width.standard"), number: true, cell: (route) => route.current?.standard ?? "–", by: (route) => route.current?.standard ?? -1 },
        { key: "ideal_now", head: t("width.ideal"), number: true, cell: (route) => route.current?.ideal ?? "–", by: (route) => route.current?.ideal ?? -1 },
      ]}
    />
  );
}

function Clusters({ clusters }: { clusters: Cluster[] }) {
  return (
    <Table
      label={t("width.part.clusters")}
      rows={clusters}
      id={(cluster) => String(cluster.cluster)}
      columns={[
        { key: "cluster", head: t("width.kind"), cell: ({ cluster }) => <><Mark cluster={cluster} /> {cluster}</>, by: ({ cluster }) => cluster },
        { key: "shops", head: t("col.shop"), number: true, cell: (one) => grouped(one.shops), by: (one) => one.shops },
        { key: "town", head: t("area.town"), number: true, cell: (one) => `${Math.round(100 * one.centre.town)}%`, by: (one) => one.centre.town },
        { key: "grade", head: t("width.axis.grade"), number: true, cell: (one) => one.centre.grade.toFixed(1), by: (one) => one.centre.grade },
        { key: "order", head: t("width.axis.monthly_order"), number: true, cell: (one) => one.centre.monthly_order.toFixed(1), by: (one) => one.centre.monthly_order },
        { key: "ratio", head: t("width.axis.stock_to_sales"), number: true, cell: (one) => one.centre.stock_to_sales.toFixed(2), by: (one) => one.centre.stock_to_sales },
        { key: "width", head: t("width.mean"), number: true, cell: (one) => one.mean_width.toFixed(1), by: (one) => one.mean_width },
        { key: "r2", head: "R²", number: true, cell: (one) => one.r2?.toFixed(3) ?? "–", by: (one) => one.r2 ?? -1 },
      ]}
    />
  );
}

function Shops({ shops }: { shops: FittedShop[] }) {
  return (
    <Table
      label={t("width.part.shops")}
      rows={shops}
      id={(shop) => shop.retailer_id}
      first={{ key: "residual", down: false }}
      columns={[
        { key: "shop", head: t("col.shop"), cell: (shop) => <><Mark cluster={shop.cluster} /> <code>{shop.retailer_id}</code></>, by: (shop) => shop.retailer_id },
        { key: "route", head: t("col.route"), cell: (shop) => <code>{shop.route_id}</code>, by: (shop) => shop.route_id },
        { key: "area", head: t("shops.by.area"), cell: (shop) => named("area", shop.area), by: (shop) => shop.area },
        { key: "grade", head: t("width.axis.grade"), number: true, cell: (shop) => shop.grade, by: (shop) => shop.grade },
        { key: "width", head: t("width.actual"), number: true, cell: (shop) => shop.width.toFixed(1), by: (shop) => shop.width },
        { key: "predicted", head: t("width.axis.predicted"), number: true, cell: (shop) => shop.predicted.toFixed(1), by: (shop) => shop.predicted },
        { key: "residual", head: "±", number: true, cell: (shop) => <span class={shop.residual < 0 ? "neg" : "pos"}>{shop.residual < 0 ? "−" : "+"}{Math.abs(shop.residual).toFixed(1)}</span>, by: (shop) => shop.residual },
      ]}
    />
  );
}

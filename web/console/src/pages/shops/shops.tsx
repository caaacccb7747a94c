// What the shops hold and sell, by SKU, route and area, with the last weeks beside it.

import { useState } from "preact/hooks";
import { grouped } from "@roundsman/ui/format";
import { get, type Schemas } from "../../api/client.ts";
import { lang, named, t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { link } from "../../state/route.ts";
import { me } from "../../state/session.ts";
import { when } from "../../ui/bits.tsx";
import { Header, Tabs } from "../../ui/header.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway, type Column } from "../../ui/table.tsx";
import { SegmentsPage } from "./segments.tsx";
import { WidthPage } from "./width.tsx";

type Coverage = Schemas["Coverage"];
type Row = Schemas["CoverageRow"];
const VIEWS = ["sku", "class", "route", "area"] as const;
type View = (typeof VIEWS)[number];

/** A share of whole numbers, to a tenth of a percent. */
function share(part: number, of: number): string {
  if (of === 0) return "–";
  const tenths = Math.floor((1000 * part + of / 2) / of);
  return `${Math.floor(tenths / 10)}.${tenths % 10}%`;
}

/** Months that the stock lasts at the rate of the last days: a tenth is enough. */
function ratio(row: Row, days: number): string {
  if (row.sold <= 0) return "–";
  const tenths = Math.round((10 * row.stock * days) / (row.sold * 30));
  return `${Math.floor(tenths / 10)}.${tenths % 10}`;
}

/** Pages beside coverage. */
const BESIDE = ["segments", "width"] as const;

/** The tabs of the shops' pages. */
function ShopTabs({ on }: { on: string }) {
  return <Tabs label={t("shops.title")} tabs={[...VIEWS.map((one) => [link("shops", one), t(`shops.by.${one}`), one === on] as const), ...BESIDE.map((one) => [link("shops", one), t(`shops.${one}`), one === on] as const)]} />;
}

export function ShopsPage({ view }: { view: string }) {
  const beside = BESIDE.find((one) => one === view);
  if (!beside) return <CoveragePage view={VIEWS.find((one) => one === view) ?? "sku"} />;
  return (
    <>
      <Header title={t("shops.title")} sub={<>{me().district} · {t(`shops.${beside}`)}</>} />
      <div class="tabsrow"><ShopTabs on={beside} /></div>
      {beside === "width" ? <WidthPage /> : <SegmentsPage />}
    </>
  );
}

function CoveragePage({ view }: { view: View }) {
  const [date, setDate] = useState(me().today);
  const coverage = useLoad(date, (signal) => get<Coverage>("/v1/coverage", { date }, signal));
  return (
    <>
      <Header title={t("shops.title")} sub={coverage.data && <>{me().district} · {t("scores.asof", { day: coverage.data.as_of })} · {when(coverage.data.made_ms)}</>}>
        <input type="date" aria-label={t("today.date")} value={date} onChange={(event) => event.currentTarget.value && setDate(event.currentTarget.value)} />
      </Header>
      <div class="tabsrow"><ShopTabs on={view} /></div>
      <Loads of={coverage} lines={9}>{(coverage) => <View coverage={coverage} view={view} />}</Loads>
    </>
  );
}

function View({ coverage, view }: { coverage: Coverage; view: View }) {
  const [search, setSearch] = useState("");
  const all = view === "sku" ? coverage.by_sku : view === "class" ? coverage.by_class : view === "route" ? coverage.by_route : coverage.by_area;
  const name = (row: Row) => (view === "area" ? named("area", row.name) : view === "class" ? t("shops.class.n", { n: row.name }) : row.name);
  const wanted = search.trim().toLowerCase();
  const rows = all.filter((row) => !wanted || [name(row), row.key, row.maker ?? ""].some((text) => text.toLowerCase().includes(wanted)));
  const checked = all.some((row) => row.checked > 0);
  return (
    <section class="card one" aria-label={t("shops.title")}>
      <div class="row sech">
        <h2 class="grow">{t(`shops.by.${view}`)}</h2>
        <input class="search" type="search" placeholder={t("do.search")} aria-label={t("do.search")} value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </div>
      {!checked ? <StateBox icon="shop" head={t("shops.none")} why={t("shops.none.why")} /> : (
        <Table key={view} label={t(`shops.by.${view}`)} rows={rows} id={(row) => row.key} columns={columns(view, coverage.days, name, all)} first={{ key: view === "sku" ? "listed" : "name", down: view === "sku" }} />
      )}
      <div class="row foot1"><p class="small muted grow">{t("shops.foot", { days: coverage.days })}</p><TakeAway path={`/v1/tables/coverage?date=${coverage.as_of}&by=${view}`} /></div>
    </section>
  );
}

function columns(view: View, days: number, name: (row: Row) => string, all: readonly Row[]): Column<Row>[] {
  const total = (key: "stock" | "sold") => all.reduce((sum, row) => sum + row[key], 0);
  const [stock, sold] = [total("stock"), total("sold")];
  // What each price class is of the whole: the mix.
  const packs = (row: Row, key: "stock" | "sold", of: number) => <>{grouped(row[key])}{view === "class" && <> <span class="small muted">{share(row[key], of)}</span></>}</>;
  const lines = (row: Row) => (view === "sku" ? row.checked : row.listed + row.out);
  const part = (key: "covered" | "listed" | "out", head: string): Column<Row> => ({
    key, head, number: true, by: (row) => row[key],
    cell: (row) => <><b>{grouped(row[key])}</b> <span class="small muted">{share(row[key], key === "covered" && view !== "sku" ? row.covered + row.out : lines(row))}</span></>,
  });
  return [
    { key: "name", head: view === "sku" ? t("col.sku") : view === "class" ? t("shops.class") : view === "route" ? t("col.route") : t("shops.by.area"), cell: (row) => <><b>{name(row)}</b>{view === "route" && <span class="small muted"> {row.key}</span>}</>, by: name },
    ...(view === "sku" ? [
      { key: "class", head: t("shops.class"), number: true, cell: (row: Row) => row.price_class ?? "–", by: (row: Row) => row.price_class ?? 0 },
    ] : [
      { key: "shops", head: t("col.shop"), number: true, cell: (row: Row) => grouped(row.shops), by: (row: Row) => row.shops },
    ]),
    { key: "checked", head: t("shops.checked"), number: true, cell: (row) => grouped(row.checked), by: (row) => row.checked },
    part("covered", t("shops.coverage")),
    part("listed", t("shops.listing")),
    part("out", t("shops.out")),
    { key: "stock", head: t("shops.stock"), number: true, cell: (row) => packs(row, "stock", stock), by: (row) => row.stock },
    { key: "sold", head: t("shops.sales"), number: true, cell: (row) => packs(row, "sold", sold), by: (row) => row.sold },
    { key: "through", head: t("shops.through"), number: true, cell: (row) => share(row.sold, row.sold + row.stock), by: (row) => (row.sold + row.stock > 0 ? row.sold / (row.sold + row.stock) : -1) },
    { key: "ratio", head: t("shops.ratio"), number: true, cell: (row) => ratio(row, days), by: (row) => (row.sold > 0 ? row.stock / row.sold : -1) },
    { key: "trend", head: t("shops.trend"), cell: (row) => <Trend row={row} /> },
  ];
}

/** Listed among the lines that were checked, week by week; a week without a check is a gap, not zero. */
function Trend({ row }: { row: Row }) {
  const weeks = row.trend;
  const said = weeks.map((week) => (week.checked > 0 ? share(week.listed, week.checked) : "–"));
  return (
    <svg class="spark" width={8 * 10} height="26" role="img" aria-label={said.join(lang.value === "zh" ? "，" : ", ")}>
      {weeks.map((week, n) => {
        if (week.checked === 0) return <line key={n} x1={n * 10 + 2} x2={n * 10 + 6} y1="24" y2="24" class="spark__none" />;
        const height = Math.max(1, (22 * week.listed) / week.checked);
        return <rect key={n} x={n * 10} y={24 - height} width="8" height={height} rx="1.5" class="spark__bar"><title>{said[n]}</title></rect>;
      })}
    </svg>
  );
}

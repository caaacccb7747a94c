// One visit: what was found, ordered and said, what two phones wrote apart, and how it came here.

import { useEffect, useState } from "preact/hooks";
import { dayWithWeekday } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { get, post, sayProblem, type Schemas } from "../../api/client.ts";
import { lang, named, t } from "../../state/lang.ts";
import { listen } from "../../state/live.ts";
import { useLoad } from "../../state/load.ts";
import { link } from "../../state/route.ts";
import { Chip, clockOf, FlagChips, money, when } from "../../ui/bits.tsx";
import { Header } from "../../ui/header.tsx";
import { Loads } from "../../ui/states.tsx";

type Page = Schemas["VisitPage"];
type Conflict = Schemas["ConflictRow"];

export function VisitPage({ date, route, visit }: { date: string; route: string; visit: string }) {
  const page = useLoad(`${date}/${route}/${visit}`, (signal) => get<Page>(`/v1/visits/${date}/${encodeURIComponent(route)}/${visit}`, {}, signal));
  const row = page.data?.row;
  const again = page.again;
  // What comes in meanwhile, or is settled, shows by itself.
  useEffect(() => listen(again), []);
  return (
    <>
      <Header
        title={row?.shop ?? ""}
        sub={page.data && row && (
          <>
            <a href={link("today", date)}>{t("today.title")}</a> / {dayWithWeekday(date, lang.value)} / <a href={link("today", date, row.person_id)}>{row.person}</a> / {page.data.route}{" "}
            {page.data.shop && <>{t("visit.stop", { n: page.data.shop.sequence })} · {t("visit.grade", { n: page.data.shop.grade })} · {named("area", page.data.shop.area)} · {page.data.shop.format}</>}
          </>
        )}
      />
      <Loads of={page}>
        {(page) => (
          <div class="vgrid" data-testid="visit">
            <div class="vleft">
              <Sum page={page} />
              {page.conflicts.map((conflict) => <ConflictCard key={conflict.field} conflict={conflict} page={page} onSettled={again} />)}
              <div class="vt"><Stock page={page} /><Order page={page} /></div>
            </div>
            <aside class="vside"><Trail page={page} /><Assigned page={page} /><Talk page={page} /></aside>
          </div>
        )}
      </Loads>
    </>
  );
}

function Sum({ page: { row, order } }: { page: Page }) {
  const dwell = row.out_ms == null ? undefined : Math.round((row.out_ms - row.in_ms) / 1000);
  return (
    <section class="card vsum">
      <div>
        <p class="k">{t("visit.in")}</p><p class="n n--title">{clockOf(row.in_ms)}</p>
        <p class="small muted">{row.distance_m == null ? t("visit.noposition") : t("visit.away", { d: t("unit.m", { n: row.distance_m }), a: t("unit.m", { n: row.accuracy_m ?? "?" }) })}</p>
      </div>
      <div>
        <p class="k">{t("visit.dwell")}</p><p class="n n--title">{dwell === undefined ? "–" : `${Math.floor(dwell / 60)}:${String(dwell % 60).padStart(2, "0")}`}</p>
        <p class="small muted">{row.out_ms == null ? t("visit.open") : t("visit.out", { time: clockOf(row.out_ms) })}</p>
      </div>
      <div>
        <p class="k">{t("visit.count")}</p><p class="n n--title">{row.counted}<span class="u">{t("unit.sku")}</span></p>
        <p class="small muted">{row.out_of_stock > 0 ? t("visit.outs", { n: row.out_of_stock }) : t("visit.outs.none")}</p>
      </div>
      <div>
        <p class="k">{t("visit.order")}</p><p class="n n--title">{row.order_cartons}<span class="u">{t("unit.carton")}</span></p>
        <p class="small muted">{order.length > 0 ? t("money", { v: money(row.order_value) }) : t("visit.order.none")}</p>
      </div>
      <div>
        <p class="k">{t("visit.verdict")}</p>
        <p class="chips">{row.effective ? <Chip kind="safe" icon="check">{t("visit.effective")}</Chip> : <Chip kind="plain" icon="minus">{t("visit.not")}</Chip>}
          {row.flags.length > 0 && <FlagChips flags={row.flags} />}</p>
      </div>
    </section>
  );
}

function nameOf(conflict: Conflict): string {
  const sku = conflict.sku_name;
  if (sku && conflict.field.startsWith("stock/")) return t("conflict.stock", { sku });
  if (sku && conflict.field.startsWith("order/")) return t("conflict.order", { sku });
  return conflict.field === "out_ms" ? t("conflict.out_ms") : t("conflict.other", { field: conflict.field });
}

/** What staff write so that a field has this value, and no other; none: staff don't settle this field. */
function settling(page: Page, conflict: Conflict, value: string): unknown {
  const [part = "", sku = ""] = conflict.field.split("/");
  const visit = page.row.visit;
  const lines = { [sku]: value === "" ? null : Number(value) };
  if (part === "stock") return { action: "count_stock", visit, stock: lines };
  if (part === "order") return { action: "plan_order", visit, order: lines };
  if (part === "audits" && sku) return { action: "audit", visit, item: sku, value };
  return part === "out_ms" && value !== "" ? { action: "check_out", visit, out_ms: Number(value) } : undefined;
}

function ConflictCard({ conflict, page, onSettled }: { conflict: Conflict; page: Page; onSettled: () => void }) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  async function settle(value: string) {
    setBusy(true);
    try {
      await post(`/v1/documents/day/${encodeURIComponent(page.row.route_id)}/${page.date}/actions`, settling(page, conflict, value));
      onSettled();
    } catch (problem) {
      setFault(sayProblem(problem));
    }
    setBusy(false);
  }
  const stock = conflict.field.startsWith("stock/");
  const quantity = stock || conflict.field.startsWith("order/");
  return (
    <section class="conflict" aria-label={nameOf(conflict)}>
      <div class="conflict__h"><Icon name="talk" /><span class="grow">{t("conflict.head", { item: nameOf(conflict) })}</span></div>
      <div class="conflict__v">
        {conflict.values.map((side, n) => (
          <div key={side.change}>
            <p class="row"><b class="grow">{side.person}</b>{n === 0 && <span class="chip chip--plain">{t("conflict.used")}</span>}</p>
            <p class="n n--hero">
              {side.value === "" ? t("conflict.none") : conflict.field === "out_ms" ? clockOf(Number(side.value), true) : side.value}
              {quantity && side.value !== "" && <span class="u">{t(stock ? "unit.pack" : "unit.carton")}{stock && conflict.packs_per_carton && Number(side.value) > 0 && <> · {split(Number(side.value), conflict.packs_per_carton)}</>}</span>}
            </p>
            <p class="small muted">{t("conflict.written", { when: when(side.at_ms), device: side.device_name })}<br />
              {side.received_ms != null && t("conflict.received", { when: when(side.received_ms) })}</p>
            {settling(page, conflict, side.value) !== undefined && (
              <button class="btn btn--soft btn--wide" disabled={busy} onClick={() => void settle(side.value)}>{t("conflict.use", { v: conflict.field === "out_ms" ? clockOf(Number(side.value), true) : side.value || t("conflict.none") })}</button>
            )}
          </div>
        ))}
      </div>
      {fault && <p class="fault" role="alert">{fault}</p>}
    </section>
  );
}

function split(packs: number, perCarton: number): string {
  return t("visit.split", { c: Math.floor(packs / perCarton), p: packs % perCarton });
}

const SHOWN = 10;

function Stock({ page }: { page: Page }) {
  const [all, setAll] = useState(false);
  const disputed = new Map(page.conflicts.filter((conflict) => conflict.field.startsWith("stock/")).map((conflict) => [conflict.field.slice(6), conflict]));
  // What needs a look first: two values, then none left, then the greatest change.
  const weight = (line: Page["stock"][number]) =>
    disputed.has(line.sku) ? -2e9 : line.packs === 0 ? -1e9 : -Math.abs(line.packs - (line.last_packs ?? line.packs));
  const lines = [...page.stock].sort((a, b) => weight(a) - weight(b));
  const shown = all ? lines : lines.slice(0, SHOWN);
  return (
    <section class="card" aria-label={t("visit.count")}>
      <h2 class="sech">{t("visit.count")} <small class="muted">{page.stock.length > 0 ? t("visit.stock.sub", { n: page.stock.length }) : t("visit.stock.none")}</small></h2>
      {lines.length > 0 && (
        <table class="t tight">
          <thead><tr><th scope="col">{t("col.sku")}</th><th scope="col" class="r">{t("visit.last")}</th><th scope="col" class="r">{t("visit.now")}</th><th scope="col" class="r">{t("visit.equals")}</th></tr></thead>
          <tbody>
            {shown.map((line) => {
              const other = disputed.get(line.sku)?.values.slice(1).map((side) => side.value || t("conflict.none")).join(" / ");
              return (
                <tr key={line.sku} class={other ? "cf" : ""}>
                  <td><b>{line.name}</b></td>
                  <td class="r muted">{line.last_packs ?? "–"}</td>
                  <td class="r">{line.packs === 0 ? <Chip kind="out" icon="out">{t("visit.out.chip")}</Chip> : <b>{line.packs}</b>}{other && <> <span class="cfv">{t("visit.or", { v: other })}</span></>}</td>
                  <td class="r muted">{line.packs === 0 ? "–" : split(line.packs, line.packs_per_carton)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {shown.length < lines.length && <p class="foot1"><button class="link" onClick={() => setAll(true)}>{t("do.show.all", { n: lines.length - shown.length })}</button></p>}
    </section>
  );
}

function Order({ page }: { page: Page }) {
  return (
    <section class="card" aria-label={t("visit.order.title")}>
      <h2 class="sech">{t("visit.order.title")}{page.order.length === 0 && <small class="muted">{t("visit.order.none")}</small>}</h2>
      {page.order.length > 0 && (
        <table class="t tight">
          <thead><tr><th scope="col">{t("col.sku")}</th><th scope="col" class="r">{t("unit.carton")}</th><th scope="col" class="r">{t("visit.price")}</th><th scope="col" class="r">{t("visit.amount")}</th></tr></thead>
          <tbody>
            {page.order.map((line) => (
              <tr key={line.sku}><td><b>{line.name}</b></td><td class="r"><b>{line.cartons}</b></td><td class="r muted">{line.price ?? "?"}</td><td class="r">{line.value == null ? "?" : money(line.value)}</td></tr>
            ))}
          </tbody>
          <tfoot><tr><td>{t("today.total")}</td><td class="r"><b>{page.row.order_cartons}</b></td><td /><td class="r"><b>{money(page.row.order_value)}</b></td></tr></tfoot>
        </table>
      )}
    </section>
  );
}

type Touched = { what: "checked_in" | "checked_out" | "removed" | "note" } | { what: "stock" | "order"; lines: Record<string, number | null> } | { what: "audit"; items: Record<string, string> };

function say(touched: Touched, names: Map<string, string>): string {
  switch (touched.what) {
    case "checked_in": return t("visit.trail.in");
    case "checked_out": return t("visit.trail.out");
    case "removed": return t("visit.trail.removed");
    case "note": return t("visit.trail.note");
    case "audit": return t("visit.trail.audit", { n: Object.keys(touched.items).length });
    case "order": return t("visit.trail.order", { n: Object.values(touched.lines).reduce<number>((sum, n) => sum + (n ?? 0), 0) });
    case "stock": {
      const [only, ...more] = Object.entries(touched.lines);
      if (!only || more.length > 0) return t("visit.trail.stock", { n: Object.keys(touched.lines).length });
      return t("visit.trail.stock.one", { sku: names.get(only[0]) ?? only[0], n: only[1] ?? t("conflict.none") });
    }
  }
}

function Trail({ page }: { page: Page }) {
  const names = new Map(page.stock.map((line) => [line.sku, line.name]));
  let arrived: number | undefined;
  return (
    <section class="card tl" aria-label={t("visit.trail")}>
      <h2 class="sech">{t("visit.trail")}</h2>
      <ol>
        {page.trail.map((step, n) => {
          const next = page.trail[n + 1];
          const lands = step.received_ms != null && step.received_ms !== next?.received_ms && step.received_ms !== arrived;
          if (lands) arrived = step.received_ms ?? undefined;
          return [
            <li key={step.change} class={step.apart ? "bad" : "ok"}>
              <span>{clockOf(step.at_ms, true)}</span>
              <div><b>{(step.touched as unknown as Touched[]).map((touched) => say(touched, names)).join(lang.value === "zh" ? "，" : ", ")}</b>
                <p class="small muted">{step.person} · {step.device_name}{step.apart && <> · {t("visit.trail.apart")}</>} · <code>{step.change.slice(0, 8)}</code></p></div>
            </li>,
            lands && step.received_ms != null && (
              <li key={`${step.change}-here`} class="hq"><span>{clockOf(step.received_ms)}</span><div><b>{t("visit.trail.arrived")}</b><p class="small muted">{when(step.received_ms)}</p></div></li>
            ),
          ];
        })}
      </ol>
    </section>
  );
}

function Assigned({ page }: { page: Page }) {
  return (
    <section class="card why" aria-label={t("visit.who")}>
      <h2 class="sech">{t("visit.who")}</h2>
      {page.assigned.map((one) => (
        <p key={`${one.kind}${one.person_id}${one.from}`}><b>{one.person}</b>{" "}
          <span class="muted">{t(one.kind === "owner" ? "visit.owner" : "visit.substitute")} · {one.to ? t("visit.until", { from: one.from, to: one.to }) : t("visit.since", { from: one.from })}</span></p>
      ))}
    </section>
  );
}

function Talk({ page }: { page: Page }) {
  const audits = Object.entries(page.audits);
  if (!page.row.note && audits.length === 0) return null;
  return (
    <section class="card why" aria-label={t("visit.talk")}>
      <h2 class="sech">{t("visit.talk")}</h2>
      {audits.map(([item, value]) => <p key={item} class="row"><Icon name="check" size="s" />{item} <span class="muted">{value}</span></p>)}
      {page.row.note && <p class="pre">{page.row.note}</p>}
    </section>
  );
}

// My score: what head office has, what is on its way, what is held back; each indicator with its bar and its receipt.

import { Icon } from "@roundsman/ui/icons";
import { decimalParts, moment, monthName } from "@roundsman/ui/format";
import type { IndicatorView, MonthView } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { Ask, Chip, Decimal, Screen, titled } from "../parts/basics.tsx";
import { go, heldBack, lang, t, today, zone } from "../state.ts";

function previous(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, "0")}`;
}

const isZero = (decimal: string) => /^-?0(\.0*)?$/.test(decimal);

export function Score({ month }: { month: string | undefined }) {
  const current = today.value.slice(0, 7);
  const shown = month ?? current;
  const asked = useAsk("month", { month: shown });
  const other = shown === current ? previous(current) : current;
  return (
    <Screen tabbed>
      <header class="row top">
        <h1 class="title grow">{t("score.title", { month: monthName(shown, lang.value) })}</h1>
        <Final month={shown} />
        <button type="button" class="btn" onClick={() => go(shown === current ? `score/${other}` : "score")}>{t(shown === current ? "score.previous" : "score.this")}</button>
      </header>
      <Ask of={asked}>{(view) => <Month view={view} />}</Ask>
    </Screen>
  );
}

function Final({ month }: { month: string }) {
  const published = useAsk("published", { month }).answer ?? [];
  return <Chip kind={published.length > 0 ? "safe" : "plain"}>{t(published.length > 0 ? "published.final" : "score.provisional")}</Chip>;
}

function Month({ view }: { view: MonthView }) {
  const { total } = view;
  const held = !isZero(total.held_back);
  return (
    <>
      <section class="card pad16 scorehero">
        <p class="row small" style={{ gap: "6px", color: "var(--safe-ink)" }}><Icon name="cloud" size="s" /><b>{t("score.ack")}</b></p>
        <p class="n n--hero"><Decimal value={total.acknowledged} /></p>
        <p class="small muted">{t("score.visits", { n: view.visits.logged, e: view.visits.effective })}</p>
        <div class="split">
          <div>
            <p class="row small" style={{ gap: "5px", color: "var(--local-ink)" }}><Icon name="phone" size="s" />{t("score.pending")}</p>
            <p class="n n--num"><Decimal value={total.pending} signed /></p>
          </div>
          <div>
            <p class="row small" style={{ gap: "5px", color: heldBack.value > 0 ? "var(--refused-ink)" : "var(--ink-2)" }}><Icon name="refused" size="s" />{t("score.held")} {heldBack.value || ""}</p>
            <p class="n n--num">{held ? <Decimal value={total.held_back} signed /> : <>0<span class="frac"> {t(heldBack.value > 0 ? "score.noeffect" : "score.held.none")}</span></>}</p>
          </div>
        </div>
      </section>
      {view.gate && <GateCard view={view} />}
      <a class="btn btn--wide" href={`#/score/${view.month}/what-if`}><Icon name="settings" />{t("whatif.open")}</a>
      <ul class="card list">{view.indicators.map((indicator) => <li key={indicator.id}><Indicator month={view.month} indicator={indicator} /></li>)}</ul>
      <Published month={view.month} />
      {view.complete_up_to_ms && <p class="small dim center">{t("score.upto", { when: moment(view.complete_up_to_ms, zone.value, today.value, lang.value) })}</p>}
    </>
  );
}

/** What head office has published of the month, and what the user disputes. */
function Published({ month }: { month: string }) {
  const published = useAsk("published", { month }).answer ?? [];
  const disputes = useAsk("disputes", { month }).answer ?? [];
  const when = (ms: number) => moment(ms, zone.value, today.value, lang.value);
  return (
    <>
      {published.length > 0 && (
        <section class="card">
          <h2 class="h2">{t("published.final")}</h2>
          <ul class="list">
            {published.map((one) => (
              <li key={one.revision} class="step row">
                <Icon name={one.verified ? "lock" : "warning"} />
                <span class="grow small">{t("published.revision", { n: one.revision, when: when(one.published_ms) })}<br />
                  <span class={one.verified ? "muted" : "lost"}>{one.held_back ? t("published.held", { why: one.held_back }) : t(one.verified ? "published.verified" : "published.unverified")}</span></span>
                {one.score.total && <span class="n n--num"><Decimal value={one.score.total} /></span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {disputes.length > 0 && (
        <section class="card">
          <h2 class="h2">{t("dispute.mine")}</h2>
          <ul class="list">
            {disputes.map((one) => (
              <li key={one.id} class="step small">
                <b>{one.indicator}</b> <span class="muted">{one.line}</span><br />{one.text}<br />
                <span class="row" style={{ gap: "6px" }}><Icon name={one.state === "pending" ? "phone" : one.state === "refused" ? "refused" : "cloud"} size="s" />
                  {one.ruling ? t("dispute.ruled", { points: one.ruling.points, text: one.ruling.text }) : `${t(`dispute.${one.state}`)}${one.reason ? `: ${one.reason}` : ""}`}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** A share of 1 as a percentage for reading: `0.9852` is `98.5%`. */
function percent(decimal: string): string {
  return `${(Number(decimal) * 100).toFixed(1)}%`;
}

function GateCard({ view }: { view: MonthView }) {
  const { gate } = view;
  if (!gate) return null;
  const judged = gate.judged_by === "pace" ? gate.pace : gate.progress;
  const indicator = view.indicators.find((one) => one.id === gate.indicator);
  const width = Math.min(100, Number(judged ?? 0) * 76.9);
  return (
    <section class="card pad16">
      <p class="row">
        <span class="grow row" style={{ gap: "6px" }}><Icon name="gate" /><b>{t("score.gate.title", { name: indicator ? titled(indicator.title) : gate.indicator })}</b></span>
        <Chip kind={view.gated ? "out" : "safe"} icon={view.gated ? "warning" : "check"}>{t(view.gated ? "score.below" : "score.passed")}</Chip>
      </p>
      <div class="bar" style={{ margin: "12px 0 8px" }} aria-hidden="true"><i style={{ width: `${width}%` }} /><u class="gate" style={{ left: `${Number(gate.below) * 76.9}%` }} /></div>
      <p class="small muted"><b style={{ color: "var(--ink)" }}>{judged ? percent(judged) : "–"}</b>{gate.judged_by === "pace" ? ` (${t("score.gate.pace")})` : ""} · {t("score.gate", { n: Number(gate.below) * 100 })}</p>
    </section>
  );
}

/** The bar ends at the cap; the tick is 100 % of the plan. */
function bars(indicator: IndicatorView): { there: number; pending: number; tick: number } | undefined {
  if (indicator.weight === null) return undefined;
  const weight = Number(indicator.weight);
  const end = weight * (indicator.cap === null ? 1.3 : Math.max(1, Number(indicator.cap)));
  if (!(end > 0)) return undefined;
  const part = (points: string) => Math.max(0, Math.min(100, (100 * Number(points)) / end));
  const there = part(indicator.share.acknowledged);
  return { there, pending: Math.max(0, part(indicator.share.points) - there), tick: (100 * weight) / end };
}

function Indicator({ month, indicator }: { month: string; indicator: IndicatorView }) {
  const bar = bars(indicator);
  const pending = !isZero(indicator.share.pending);
  const short = (decimal: string) => {
    const [whole, places] = decimalParts(decimal);
    return whole + (/^\.0*$/.test(places) ? "" : places.replace(/0+$/, ""));
  };
  return (
    <button type="button" class="ind" onClick={() => go(`score/${month}/${indicator.id}`)}>
      <span class="row">
        <b class="grow clip">{titled(indicator.title)} {indicator.capped && <span class="chip chip--plain" style={{ height: "22px" }}>{t("score.capped")}</span>}</b>
        <span class="n n--num"><Decimal value={indicator.share.points} /></span>
      </span>
      {bar && (
        <span class="bar" aria-hidden="true">
          <i style={{ width: `${bar.there}%` }} />
          {bar.pending > 0 && <i class="pend" style={{ left: `${bar.there}%`, width: `${Math.max(1, bar.pending)}%`, right: "auto" }} />}
          <u style={{ left: `${bar.tick}%` }} />
        </span>
      )}
      <span class="small muted">
        {indicator.status === "no_plan" ? t("score.noplan")
          : indicator.status === "no_data" ? t("score.nodata")
          : indicator.actual && indicator.plan ? t("score.of", { actual: short(indicator.actual), plan: short(indicator.plan) }) : ""}
        {pending && <> · {t("score.pending.of", { n: `${indicator.share.pending.startsWith("-") ? "−" : "+"}${indicator.share.pending.replace("-", "")}` })}</>}
      </span>
    </button>
  );
}

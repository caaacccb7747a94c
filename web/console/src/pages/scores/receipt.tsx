// A point's receipt: the arithmetic line by line, then the facts that it rests on, down to the visit.

import { useState } from "preact/hooks";
import { day, grouped } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { get, sayProblem } from "../../api/client.ts";
import type { Fact, Receipt, Step, VisitFact } from "../../api/score.ts";
import { lang, t, titled } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { go, link } from "../../state/route.ts";
import { clockOf, decimal, money, Points } from "../../ui/bits.tsx";
import { Loads } from "../../ui/states.tsx";
import { FileDispute } from "./disputes.tsx";

const FIRST = 12;

export function ReceiptPanel({ month, person, indicator, name, revision }: { month: string; person: string; indicator: string; name: string; revision: number }) {
  const path = `/v1/scores/${month}/${encodeURIComponent(person)}/${encodeURIComponent(indicator)}`;
  const receipt = useLoad(path, (signal) => get<Receipt>(path, {}, signal));
  const [checked, setChecked] = useState("");
  const [disputing, setDisputing] = useState(false);
  async function recompute() {
    try {
      const again = await get<Receipt>(path);
      setChecked(t(again.points === receipt.data?.points ? "scores.recomputed" : "scores.recomputed.differs"));
      if (again.points !== receipt.data?.points) receipt.again();
    } catch (problem) {
      setChecked(sayProblem(problem));
    }
  }
  return (
    <section class="card receipt" aria-label={t("scores.receipt")}>
      <div class="row">
        <p class="small muted grow">{t("scores.receipt")} · {month}{receipt.data && <> · {t("scores.asof", { day: day(receipt.data.as_of, lang.value) })}</>}</p>
        <button class="btn btn--quiet btn--icon sm" aria-label={t("do.close")} onClick={() => go(link("scores", month))}><Icon name="close" size="s" /></button>
      </div>
      <Loads of={receipt}>
        {(receipt) => (
          <>
            <h2>{name} · {titled(receipt.title)}</h2>
            <p data-testid="points"><Points value={receipt.points} size="hero" /></p>
            {receipt.gated && <p><span class="chip chip--out"><Icon name="gate" />{t("schemes.gate")}</span></p>}
            <ol class="steps">{receipt.steps.map((step, n) => <StepLine key={n} step={step} last={n === receipt.steps.length - 1} />)}</ol>
            <Facts receipt={receipt} />
            <div class="row receipt__do">
              <button class="btn sm grow" onClick={() => void recompute()}>{t("scores.recompute")}</button>
              {revision > 0 && <button class="btn sm grow" onClick={() => setDisputing(true)}>{t("disputes.file")}</button>}
            </div>
            {checked && <p class="small" role="status">{checked}</p>}
            {disputing && <FileDispute month={month} revision={revision} person={person} indicator={indicator} onClose={(filed) => {
              setDisputing(false);
              if (filed) setChecked(t("disputes.filed"));
            }} />}
          </>
        )}
      </Loads>
    </section>
  );
}

function StepLine({ step, last }: { step: Step; last: boolean }) {
  const costs = step.name === "gate";
  return (
    <li class={costs ? "capl" : last ? "sum fin" : step.name === "actual" || step.name === "ratio" ? "sum" : ""}>
      <span>{lang.value === "zh" ? step.what_zh : step.what}</span>
      {step.value !== null && <b>{shown(step.value)}</b>}
    </li>
  );
}

/** An exact fraction is long: it is shown to six places, and whole behind the pointer. */
function shown(value: string) {
  if (!value.includes("/")) return decimal(value);
  const [above = "0", below = "1"] = value.split("/");
  const scaled = (BigInt(above) * 1_000_000n) / BigInt(below);
  const size = scaled < 0n ? -scaled : scaled;
  return <span title={value}>{scaled < 0n ? "−" : ""}{grouped(size / 1_000_000n)}.{String(size % 1_000_000n).padStart(6, "0")}…</span>;
}

function Facts({ receipt }: { receipt: Receipt }) {
  const [all, setAll] = useState(false);
  const shown = all ? receipt.facts : receipt.facts.slice(0, FIRST);
  return (
    <>
      <h3>{t("scores.facts", { n: grouped(receipt.facts.length) })}</h3>
      <ul class="facts" tabIndex={0} aria-label={t("scores.facts", { n: receipt.facts.length })}>{shown.map((fact, n) => <li key={n}><FactLine fact={fact} /></li>)}</ul>
      {shown.length < receipt.facts.length && <button class="link" onClick={() => setAll(true)}>{t("scores.facts.more", { n: grouped(receipt.facts.length) })}</button>}
    </>
  );
}

function VisitLink({ visit }: { visit: VisitFact }) {
  return <a class="link" href={link("today", visit.date, "visit", visit.route, visit.visit)}>{day(visit.date, lang.value)} {clockOf(visit.in_ms)} · {visit.person}</a>;
}

function FactLine({ fact }: { fact: Fact }) {
  const row = (left: preact.ComponentChildren, right: preact.ComponentChildren) => <><span>{left}</span><b>{right}</b></>;
  switch (fact.kind) {
    case "target":
      return row(<>{t("scores.plan")}<br /><small>{fact.row}{fact.item && ` ${fact.item}`}</small></>, decimal(fact.plan));
    case "sale":
      return row(<>{fact.row.split("/").slice(2).join(" · ")}<br /><small>{fact.row.split("/")[1]} · {fact.packs} {t("unit.pack")}</small></>, money(fact.value));
    case "stop":
      return row(<>{fact.retailer}<br /><small>{fact.visits[0] ? <VisitLink visit={fact.visits[0]} /> : day(fact.date, lang.value)}</small></>, fact.visited ? "✓" : "–");
    case "shop":
      return row(<>{fact.retailer}<br /><small>{fact.route}</small></>, `${fact.width} / ${fact.standard}`);
    case "held":
      return row(<>{fact.retailer}<br /><small>{fact.sku}</small></>, fact.held ? "✓" : "–");
    case "stock_check":
      return row(<>{fact.retailer}<br /><small><VisitLink visit={fact.visit} /></small></>, t("visit.count"));
    case "passed_over":
      return row(<>{fact.retailer}<br /><small><VisitLink visit={fact.visit} /></small></>, fact.visit.flags.join(" "));
    case "event":
      return row(<>{day(fact.date, lang.value)} {fact.note}<br /><small>{fact.row}{fact.retailer && ` · ${fact.retailer}`}</small></>, fact.points);
    case "ruling":
      return row(<>{fact.note}<br /><small>{fact.row}</small></>, fact.points);
  }
}

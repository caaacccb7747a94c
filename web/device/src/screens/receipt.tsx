// The receipt of an indicator: the arithmetic line by line, then the facts it rests on.

import { useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { monthName } from "@roundsman/ui/format";
import { call } from "../core/client.ts";
import type { Receipt as ReceiptData, ReceiptStep } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { AppBar, Ask, Decimal, Screen, titled } from "../parts/basics.tsx";
import { FactRow, factLine, factTitle } from "../parts/facts.tsx";
import { lang, notice, t } from "../state.ts";
import { useOnce } from "./talk.tsx";

/** Facts at a time: a month of sales is a thousand rows. */
const FACTS = 40;
/** Lines that the choice of a dispute lists. */
const DISPUTABLE = 500;

export function Receipt({ month, indicator }: { month: string; indicator: string }) {
  const asked = useAsk("receipt", { month, indicator });
  return (
    <>
      <AppBar title={asked.answer ? titled(asked.answer.title) : ""} sub={`${monthName(month, lang.value)} · ${t("score.receipt")}`} />
      <Screen><Ask of={asked}>{(receipt) => <Shown receipt={receipt} />}</Ask></Screen>
    </>
  );
}

function Shown({ receipt }: { receipt: ReceiptData }) {
  const [many, setMany] = useState(FACTS);
  return (
    <>
      <p class="n n--hero pad16"><Decimal value={receipt.points} /></p>
      <ol class="card list">
        {receipt.steps.map((step, at) => (
          <li key={at} class="step row">
            <span class="grow small">{stepText(step, receipt.names.skus)}</span>
            {step.value !== null && <b class="nowrap" title={step.value}>= {shown(step.value)}</b>}
          </li>
        ))}
      </ol>
      <section class="card">
        <h2 class="h2">{t("score.facts", { n: receipt.facts.length })}</h2>
        <ul class="list">{receipt.facts.slice(0, many).map((fact, at) => <FactRow key={at} fact={fact} names={receipt.names} />)}</ul>
        {many < receipt.facts.length && (
          <button type="button" class="btn btn--quiet btn--wide" onClick={() => setMany(many + 10 * FACTS)}><Icon name="plus" />{t("app.more")}</button>
        )}
      </section>
      <Dispute receipt={receipt} />
      <p class="small dim step">{receipt.scheme} · {receipt.scheme_hash.slice(0, 12)} · {receipt.as_of}</p>
    </>
  );
}

/** A dispute needs something published to be about. */
function Dispute({ receipt }: { receipt: ReceiptData }) {
  const published = useAsk("published", { month: receipt.month }).answer ?? [];
  const [line, setLine] = useState("");
  const [text, setText] = useState("");
  const once = useOnce();
  if (published.length === 0) return null;
  const file = () => once(() => call("file_dispute", { month: receipt.month, indicator: receipt.indicator, line, text: text.trim() }), () => {
    setText("");
    notice.value = { text: t("dispute.filed"), what: "done" };
  });
  return (
    <section class="card pad16 stack">
      <h2 class="head" style={{ margin: 0 }}>{t("dispute.title")}</h2>
      <label class="field"><span>{t("dispute.line")}</span>
        <select class="input" value={line} onChange={(event) => setLine(event.currentTarget.value)}>
          <option value="">{t("dispute.whole")}</option>
          {receipt.facts.slice(0, DISPUTABLE).map((fact, at) => <option key={at} value={factLine(fact)}>{factTitle(fact, receipt.names)}</option>)}
        </select></label>
      <label class="field"><span>{t("dispute.text")}</span><textarea class="input" maxLength={1000} value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
      <button type="button" class="btn" disabled={!text.trim()} onClick={() => void file()}>{t("dispute.file")}</button>
    </section>
  );
}

/** A step as the scorer words it, with the item that it is about by its name. */
function stepText(step: ReceiptStep, skus: Record<string, string>): string {
  const said = lang.value === "zh" ? step.what_zh : step.what;
  const item = step.name === "item" ? (/^[^\s:：]+(?=[:：])/.exec(said)?.[0] ?? "") : "";
  return item in skus ? said.replace(item, skus[item] ?? item) : said;
}

/** An exact fraction is long: it is shown to six places, cut off there. */
function shown(value: string): string {
  const [above, below] = value.split("/");
  if (!above || !below) return value;
  const scaled = (BigInt(above) * 1_000_000n) / BigInt(below);
  const size = scaled < 0n ? -scaled : scaled;
  return `${scaled < 0n ? "−" : ""}${size / 1_000_000n}.${String(size % 1_000_000n).padStart(6, "0")}…`;
}

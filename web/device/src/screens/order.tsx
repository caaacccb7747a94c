// Order: cartons per SKU, with what speaks for them, the quota and the value.

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { day } from "@roundsman/ui/format";
import { call } from "../core/client.ts";
import type { Line, OrderReason, OrderSheet, Suggestion, Unusual } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { AppBar, Ask } from "../parts/basics.tsx";
import { changed, drafted, draftName, readDraft, type Numbers } from "../parts/drafts.ts";
import { currencySign, valueOf } from "../parts/money.ts";
import { matches } from "../parts/pinyin.ts";
import { act, currency, go, lang, t, tell } from "../state.ts";
import { AppBarLeaving } from "./count.tsx";

const CARTONS_MAX = 100_000;

export function Order({ visit }: { visit: string }) {
  // Asked once: neither lines nor advice may change under the thumb.
  const [sheet, setSheet] = useState<OrderSheet>();
  const [advice, setAdvice] = useState<Suggestion>();
  const asked = useAsk("order_sheet", { visit });
  const advised = useAsk("suggest", { visit });
  useEffect(() => {
    if (asked.answer && !sheet) setSheet(asked.answer);
    if (advised.answer && !advice) setAdvice(advised.answer);
  }, [asked.answer, advised.answer]);
  // Without advice (nothing was sold anywhere yet) an order can be drafted all the same.
  const ready = sheet && (advice || advised.error);
  return ready ? <Ordering sheet={sheet} advice={advice} /> : <><AppBar title={t("order.title")} /><Ask of={asked}>{() => null}</Ask></>;
}

function Ordering({ sheet, advice }: { sheet: OrderSheet; advice: Suggestion | undefined }) {
  const all = [...sheet.lines, ...sheet.others];
  const before = useRef<Numbers>(Object.fromEntries(all.filter((line) => line.ordered !== null).map((line) => [line.sku, line.ordered ?? 0])));
  const advised = Object.fromEntries((advice?.lines ?? []).filter((line) => line.cartons > 0).map((line) => [line.sku, line.cartons]));
  const draft = readDraft(sheet.draft);
  const kept = draft || Object.keys(before.current).length > 0 ? drafted(before.current, draft) : undefined;
  // What is shown first is advice alone: it becomes an order when it is accepted, or changed.
  const [cartons, setCartons] = useState<Numbers>(kept ?? advised);
  const [touched, setTouched] = useState(kept !== undefined);
  const [unusual, setUnusual] = useState<Unusual[]>([]);
  const [find, setFind] = useState<string>();
  const latest = useRef(cartons);
  const wanted = useRef(kept !== undefined);
  const settled = useRef(false);
  const step = draftName("order", sheet.visit);

  const put = (sku: string, n: number) => {
    latest.current = { ...latest.current, [sku]: Math.max(0, Math.min(CARTONS_MAX, n)) };
    wanted.current = true;
    setTouched(true);
    setCartons(latest.current);
    call("put_draft", { step, content: JSON.stringify(latest.current) }).catch(tell);
  };
  const settle = async () => {
    if (settled.current || !wanted.current) return true;
    // A line that was never in the order and holds none is no line.
    const now = Object.fromEntries(Object.entries(latest.current).filter(([sku, n]) => n > 0 || sku in before.current));
    const order = changed(now, before.current);
    if (Object.keys(order).length === 0) {
      await call("drop_draft", { step });
      return true;
    }
    settled.current = await act(() => call("plan_order", { visit: sheet.visit, order, draft: step }));
    return settled.current;
  };
  const leave = async () => {
    if (await settle()) go(`visit/${sheet.visit}`, true);
  };
  const accept = () => {
    wanted.current = true;
    void leave();
  };
  useEffect(() => () => void settle().catch(() => undefined), []);
  useEffect(() => {
    let current = true;
    const order = Object.fromEntries(Object.entries(cartons).filter(([, n]) => n > 0));
    call("unusual", { visit: sheet.visit, order }).then((found) => current && setUnusual(found), () => undefined);
    return () => {
      current = false;
    };
  }, [cartons]);

  const reasons = new Map((advice?.lines ?? []).map((line, at) => [line.sku, { ...line, at }]));
  const rank = (line: Line) => {
    const advised_ = reasons.get(line.sku);
    return advised_ && advised_.cartons > 0 ? advised_.at : 1000;
  };
  const own = all.filter((line) => sheet.lines.includes(line) || reasons.get(line.sku)?.cartons || (cartons[line.sku] ?? 0) > 0);
  const shown = find === undefined ? own.sort((a, b) => rank(a) - rank(b)) : all.filter((line) => matches(line.name, find));
  const total = Object.values(cartons).reduce((sum, n) => sum + n, 0);
  const skus = Object.values(cartons).filter((n) => n > 0).length;
  const [whole, places] = valueOf(all.map((line) => [line.price, cartons[line.sku] ?? 0] as const));
  return (
    <>
      <AppBarLeaving title={t(advice && !touched ? "order.suggested" : "order.title")} sub={sheet.shop} leave={leave}>
        <button type="button" class="btn btn--icon btn--quiet plain" aria-label={t("app.search")} aria-expanded={find !== undefined}
          onClick={() => setFind(find === undefined ? "" : undefined)}><Icon name={find === undefined ? "search" : "close"} size="l" /></button>
      </AppBarLeaving>
      <main class="scroll" style={{ padding: 0, gap: 0 }}>
        <div class="ordhead">
          <div><p class="n n--hero">{total}<span class="u" style={{ fontSize: ".4em" }}>{t("order.cartons")}</span></p><p class="small muted">{t("order.skus", { n: skus })}</p></div>
          <div class="end">
            <p class="n n--title">{currencySign(currency.value)}{whole}<span class="frac">{places}</span></p>
            {advice?.next_visit && <p class="small muted">{t("order.cover", { date: day(advice.next_visit, lang.value) })}</p>}
          </div>
        </div>
        {find !== undefined && <div class="pad16"><input class="input" type="search" autofocus placeholder={t("count.search")} aria-label={t("count.search")} value={find} onInput={(event) => setFind(event.currentTarget.value)} /></div>}
        <ul class="rows list">{shown.map((line) => <Row key={line.sku} line={line} advice={reasons.get(line.sku)} date={advice?.date ?? ""} n={cartons[line.sku] ?? 0} quota={sheet.quota[line.sku]} put={(n) => put(line.sku, n)} />)}</ul>
      </main>
      <footer class="foot foot--up">
        {unusual.map((one) => (
          <p key={one.compared_with} class="small row" style={{ marginBottom: "8px", color: "var(--local-ink)" }}><Icon name="warning" size="s" />
            {t(`order.unusual.${one.compared_with}`, { lower: one.lower, upper: one.upper })}</p>
        ))}
        {touched || !advice
          ? <button type="button" class="btn btn--primary btn--wide" onClick={() => void leave()}>{total > 0 ? t("order.save", { n: total }) : t("order.none")}</button>
          : <button type="button" class="btn btn--primary btn--wide" onClick={accept}>{total > 0 ? t("order.accept", { n: total }) : t("order.nothing")}</button>}
      </footer>
    </>
  );
}

/** Why a line is advised, in one clause with its number. What was not counted on the day is a guess, and says so. */
function why({ reason }: { reason: OrderReason }, date: string): string {
  const sure = reason.counted === date;
  const a_day = reason.packs_a_week / 7;
  const x = a_day.toFixed(1);
  const days = a_day > 0 ? Math.floor(reason.left / a_day) : undefined;
  const incoming = reason.incoming > 0 ? ` · ${t("order.incoming", { n: reason.incoming })}` : "";
  const festival = reason.festival && ` · ${t(reason.festival.percent > 0 ? "order.festival.more" : "order.festival.less", { name: reason.festival.name, n: Math.abs(reason.festival.percent) })}`;
  const besides = incoming + (festival ?? "");
  if (reason.code === "keep_on_shelf") return t(sure ? "order.keep" : "order.keep.maybe") + besides;
  if (reason.code === "enough") return (days === undefined || days > 99 ? t("order.enough.plain") : t("order.enough", { d: days })) + besides;
  if (reason.left === 0 && reason.counted === null) return t("order.new", { x }) + besides;
  if (reason.left === 0) return t(sure ? "order.out" : "order.out.maybe", { x }) + besides;
  return (days ? t("order.lasts", { d: days, x }) : t("order.lasts.less", { x })) + besides;
}

type Advice = Suggestion["lines"][number];

function Row({ line, advice, date, n, quota, put }: { line: Line; advice: Advice | undefined; date: string; n: number; quota: number | undefined; put: (n: number) => void }) {
  const name = `${line.name}, ${n} ${t("order.cartons")}`;
  const over = quota !== undefined && n > quota;
  return (
    <li class="order">
      <div>
        <p><b class="head">{line.name}</b></p>
        <p class="order__why">
          {advice ? why(advice, date) : <>
            {line.counted !== null && <>{line.counted === 0 ? <b class="lost">{t("count.out")}</b> : t("order.stock", { n: line.counted })} · </>}
            {t("order.sells", { n: line.sold })}
          </>}
          {advice && advice.cartons !== n && <> · {t("order.advice", { n: advice.cartons })}</>}
        </p>
        {quota !== undefined && <span class={`chip ${over ? "chip--out" : "chip--plain"}`}><Icon name={over ? "warning" : "lock"} />{t(over ? "order.over" : "order.quota", { n: quota })}</span>}
      </div>
      <div class="stepper">
        <button type="button" aria-label={`${name}, ${t("order.less")}`} disabled={n === 0} onClick={() => put(n - 1)}><Icon name="minus" /></button>
        <span class="n" aria-hidden="true">{n}</span>
        <button type="button" aria-label={`${name}, ${t("order.more")}`} onClick={() => put(n + 1)}><Icon name="plus" /></button>
      </div>
    </li>
  );
}

// Order: cartons per SKU, with what speaks for them, the quota and the value.

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { call } from "../core/client.ts";
import type { Line, OrderSheet } from "../core/types.ts";
import { AppBar, Ask, useAsk } from "../parts/basics.tsx";
import { changed, draftName, readDraft, type Numbers } from "../parts/drafts.ts";
import { currencySign, valueOf } from "../parts/money.ts";
import { matches } from "../parts/pinyin.ts";
import { act, go, t, tell } from "../state.ts";
import { AppBarLeaving } from "./count.tsx";

const CARTONS_MAX = 100_000;

export function Order({ visit }: { visit: string }) {
  const [sheet, setSheet] = useState<OrderSheet>();
  const asked = useAsk("order_sheet", { visit });
  useEffect(() => {
    if (asked.answer && !sheet) setSheet(asked.answer);
  }, [asked.answer]);
  return sheet ? <Ordering sheet={sheet} /> : <><AppBar title={t("order.title")} /><Ask of={asked}>{() => null}</Ask></>;
}

function Ordering({ sheet }: { sheet: OrderSheet }) {
  const all = [...sheet.lines, ...sheet.others];
  const before = useRef<Numbers>(Object.fromEntries(all.filter((line) => line.ordered !== null).map((line) => [line.sku, line.ordered ?? 0])));
  const [cartons, setCartons] = useState<Numbers>(() => readDraft(sheet.draft) ?? before.current);
  const [find, setFind] = useState<string>();
  const latest = useRef(cartons);
  const settled = useRef(false);
  const step = draftName("order", sheet.visit);

  const put = (sku: string, n: number) => {
    latest.current = { ...latest.current, [sku]: Math.max(0, Math.min(CARTONS_MAX, n)) };
    setCartons(latest.current);
    call("put_draft", { step, content: JSON.stringify(latest.current) }).catch(tell);
  };
  const settle = async () => {
    if (settled.current) return true;
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
  useEffect(() => () => void settle().catch(() => undefined), []);

  const shown = find === undefined ? all.filter((line) => sheet.lines.includes(line) || (cartons[line.sku] ?? 0) > 0) : all.filter((line) => matches(line.name, find));
  const total = Object.values(cartons).reduce((sum, n) => sum + n, 0);
  const skus = Object.values(cartons).filter((n) => n > 0).length;
  const [whole, places] = valueOf(all.map((line) => [line.price, cartons[line.sku] ?? 0] as const));
  return (
    <>
      <AppBarLeaving title={t("order.title")} sub={sheet.shop} leave={leave}>
        <button type="button" class="btn btn--icon btn--quiet plain" aria-label={t("app.search")} aria-expanded={find !== undefined}
          onClick={() => setFind(find === undefined ? "" : undefined)}><Icon name={find === undefined ? "search" : "close"} size="l" /></button>
      </AppBarLeaving>
      <main class="scroll" style={{ padding: 0, gap: 0 }}>
        <div class="ordhead">
          <div><p class="n n--hero">{total}<span class="u" style={{ fontSize: ".4em" }}>{t("order.cartons")}</span></p><p class="small muted">{t("order.skus", { n: skus })}</p></div>
          <p class="n n--title end">{currencySign("CNY")}{whole}<span class="frac">{places}</span></p>
        </div>
        {find !== undefined && <div class="pad16"><input class="input" type="search" autofocus placeholder={t("count.search")} aria-label={t("count.search")} value={find} onInput={(event) => setFind(event.currentTarget.value)} /></div>}
        <ul class="rows list">{shown.map((line) => <Row key={line.sku} line={line} n={cartons[line.sku] ?? 0} quota={sheet.quota[line.sku]} put={(n) => put(line.sku, n)} />)}</ul>
      </main>
      <div class="foot foot--up">
        <button type="button" class="btn btn--primary btn--wide" onClick={() => void leave()}>{total > 0 ? t("order.save", { n: total }) : t("order.none")}</button>
      </div>
    </>
  );
}

function Row({ line, n, quota, put }: { line: Line; n: number; quota: number | undefined; put: (n: number) => void }) {
  const name = `${line.name}, ${n} ${t("order.cartons")}`;
  const over = quota !== undefined && n > quota;
  return (
    <li class="order">
      <div>
        <p><b class="head">{line.name}</b></p>
        <p class="order__why">
          {line.counted !== null && <>{line.counted === 0 ? <b class="lost">{t("count.out")}</b> : t("order.stock", { n: line.counted })} · </>}
          {t("order.sells", { n: line.sold })}
          {line.ordered_last !== null && <> · {t("order.last", { n: line.ordered_last })}</>}
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

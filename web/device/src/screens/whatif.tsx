// What if: the month's actuals moved, through the same scorer. Nothing is kept of it.

import { useEffect, useRef, useState } from "preact/hooks";
import { monthName } from "@roundsman/ui/format";
import { call } from "../core/client.ts";
import type { IndicatorView, WhatIf } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { AppBar, Ask, Chip, Decimal, Screen, titled } from "../parts/basics.tsx";
import { lang, t, tell } from "../state.ts";

/** A percentage of a decimal, exactly. */
function percentOf(plan: string, percent: number): string {
  const [whole = "0", places = ""] = plan.split(".");
  const digits = (BigInt(whole + places) * BigInt(percent)).toString().padStart(places.length + 3, "0");
  const at = digits.length - places.length - 2;
  return `${digits.slice(0, at)}.${digits.slice(at)}`;
}

export function WhatIfScreen({ month }: { month: string }) {
  const asked = useAsk("month", { month });
  return (
    <>
      <AppBar title={t("whatif.title")} sub={monthName(month, lang.value)} />
      <Ask of={asked}>{(view) => <Playing month={month} total={view.total.points} indicators={view.indicators.filter((one) => one.plan && one.actual && Number(one.plan) > 0)} />}</Ask>
    </>
  );
}

function Playing({ month, total, indicators }: { month: string; total: string; indicators: IndicatorView[] }) {
  const now = (one: IndicatorView) => Math.round((100 * Number(one.actual)) / Number(one.plan));
  const [percents, setPercents] = useState<Record<string, number>>({});
  const [result, setResult] = useState<WhatIf>();
  // One question at a time, always about the latest.
  const asking = useRef(false);
  const latest = useRef(percents);
  latest.current = percents;
  const ask = async () => {
    if (asking.current) return;
    asking.current = true;
    try {
      for (let asked: Record<string, number> | undefined; asked !== latest.current; ) {
        asked = latest.current;
        const changes = indicators.flatMap((one) => {
          const percent = asked?.[one.id];
          return percent === undefined || !one.plan ? [] : [{ indicator: one.id, to: percentOf(one.plan, percent) }];
        });
        setResult(changes.length === 0 ? undefined : await call("what_if", { month, changes }));
      }
    } catch (fault) {
      tell(fault);
    } finally {
      asking.current = false;
    }
  };
  useEffect(() => void ask(), [percents]);
  return (
    <Screen>
      <section class="card pad16" aria-live="polite">
        <p class="n n--hero"><Decimal value={result?.after.total ?? total} /></p>
        <p class="row"><span class="grow muted">{t("whatif.now", { n: total })}</span>{result && <b><Decimal value={result.difference} signed /></b>}</p>
        {result && result.after.gated && !result.before.gated && <Chip kind="out" icon="gate">{t("whatif.gate")}</Chip>}
        <p class="small muted">{t("whatif.note")}</p>
      </section>
      <section class="card list">
        {indicators.map((one) => {
          const percent = percents[one.id] ?? now(one);
          const effect = result?.effects.find((found) => found.id === one.id);
          return (
            <label key={one.id} class="pad16" style={{ display: "block" }}>
              <span class="row"><b class="grow">{titled(one.title)}</b><span class="n n--num"><Decimal value={effect?.after.points ?? one.points} /></span></span>
              <input class="slider" type="range" min={0} max={150} step={1} value={percent} aria-valuetext={t("whatif.percent", { n: percent })}
                onInput={(event) => setPercents({ ...percents, [one.id]: Number(event.currentTarget.value) })} />
              <span class="small muted">{t("whatif.percent", { n: percent })}{effect && <> · <Decimal value={effect.difference} signed /></>}</span>
            </label>
          );
        })}
      </section>
      <button type="button" class="btn btn--wide" onClick={() => setPercents({})}>{t("whatif.reset")}</button>
    </Screen>
  );
}

// Shops by what they bring and what they need: staff set from where each is high, and see who is where.

import { useState } from "preact/hooks";
import { grouped } from "@roundsman/ui/format";
import { get, pathOf, type Schemas } from "../../api/client.ts";
import { t } from "../../state/lang.ts";
import { useKept, useLoad } from "../../state/load.ts";
import { me } from "../../state/session.ts";
import { money } from "../../ui/bits.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";

type Segments = Schemas["Segments"];
type Segment = Schemas["Segment"];
interface Thresholds {
  contribution: string;
  need: number;
}

const KEPT = "segments";
const FIRST: Thresholds = { contribution: "10000", need: 3 };

/** As they were set last on this desk. */
function kept(): Thresholds {
  try {
    return { ...FIRST, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Thresholds>) };
  } catch {
    return FIRST;
  }
}

export function SegmentsPage() {
  const [thresholds, setThresholds] = useState(kept);
  const [only, setOnly] = useState<Segment>();
  const query = { date: me().today, contribution: thresholds.contribution, need: thresholds.need, segment: only };
  const segments = useKept(useLoad(pathOf("segments", query), (signal) => get<Segments>("/v1/segments", query, signal)));
  const set = (next: Thresholds) => {
    localStorage.setItem(KEPT, JSON.stringify(next));
    setThresholds(next);
  };
  return (
    <>
      <Bounds value={thresholds} onSet={set} />
      <Loads of={segments} lines={9}>{(data) => <Found data={data} only={only} onOnly={setOnly} path={pathOf("/v1/tables/segments", query)} />}</Loads>
    </>
  );
}

/** Taken over when one is done typing. */
function Bounds({ value, onSet }: { value: Thresholds; onSet: (value: Thresholds) => void }) {
  return (
    <p class="row tabsrow">
      <label class="row small">{t("segments.contribution")} <input class="bound" inputMode="decimal" value={value.contribution} onChange={(event) => { const text = event.currentTarget.value.trim(); if (/^\d+(\.\d{1,2})?$/.test(text)) onSet({ ...value, contribution: text }); else event.currentTarget.value = value.contribution; }} /></label>
      <label class="row small">{t("segments.need")} <input class="bound" type="number" min={1} step={1} value={value.need} onChange={(event) => { const need = Math.trunc(Number(event.currentTarget.value)); if (need > 0) onSet({ ...value, need }); else event.currentTarget.value = String(value.need); }} /></label>
    </p>
  );
}

function Found({ data, only, onOnly, path }: { data: Segments; only: Segment | undefined; onOnly: (only: Segment | undefined) => void; path: string }) {
  return (
    <>
      <div class="segments" role="group" aria-label={t("shops.segments")}>
        {data.sizes.map((size) => (
          <button key={size.segment} class={`card segment segment--${size.segment}${only === size.segment ? " on" : ""}`} aria-pressed={only === size.segment} onClick={() => onOnly(only === size.segment ? undefined : size.segment)}>
            <b>{t(`segments.${size.segment}`)}</b>
            <span class="n n--title">{grouped(size.shops)}</span>
            <span class="small muted">¥{money(size.value)}</span>
            <span class="small muted">{t(`segments.${size.segment}.why`)}</span>
          </button>
        ))}
      </div>
      <section class="card one" aria-label={t("shops.segments")}>
        {data.shops.length === 0 ? <StateBox icon="shop" head={t("segments.none")} why={t("segments.none.why")} /> : (
          <Table
            label={t("shops.segments")}
            rows={data.shops}
            id={(shop) => shop.retailer_id}
            first={{ key: "value", down: true }}
            columns={[
              { key: "shop", head: t("col.shop"), cell: (shop) => <><b>{shop.shop}</b> <code class="small muted">{shop.retailer_id}</code></>, by: (shop) => shop.shop },
              { key: "route", head: t("col.route"), cell: (shop) => shop.route, by: (shop) => shop.route },
              { key: "grade", head: t("orders.grade"), number: true, cell: (shop) => shop.grade, by: (shop) => shop.grade },
              { key: "value", head: t("segments.value"), number: true, cell: (shop) => <b>{money(shop.value)}</b>, by: (shop) => Number(shop.value) },
              { key: "need", head: t("segments.out"), number: true, cell: (shop) => shop.out_of_stock ?? <span class="unkt">?</span>, by: (shop) => shop.out_of_stock ?? -1 },
              { key: "segment", head: t("shops.segments"), cell: (shop) => t(`segments.${shop.segment}`), by: (shop) => shop.segment },
            ]}
          />
        )}
        <div class="row foot1"><p class="small muted grow">{t("segments.foot", { days: data.days })}{data.left_off > 0 && <> {t("segments.more", { n: grouped(data.left_off) })}</>}</p><TakeAway path={path} /></div>
      </section>
    </>
  );
}

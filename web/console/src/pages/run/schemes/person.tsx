// One person's replay: indicator by indicator over the quarter, what differs first.

import { useState } from "preact/hooks";
import { monthName } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import type { Schemas } from "../../../api/client.ts";
import { sumOf, tenThousandths } from "../../../api/score.ts";
import type { Reading, Replay } from "../../../api/schemes.ts";
import { lang, t, titled } from "../../../state/lang.ts";
import { Signed } from "../../../ui/bits.tsx";
import { Table } from "../../../ui/table.tsx";

interface Row {
  id: string;
  now: string;
  then: string;
  difference: string;
}

/** Sums over the months, of what both schemes have and of what one has alone. */
function rowsOf(reading: Reading, person: string): Row[] {
  const all = reading.months.flatMap((month) => month.managers.filter((manager) => manager.person_id === person)).flatMap((manager) => manager.indicators);
  const rows = [...new Set(all.map((one) => one.id))].map((id) => {
    const own = all.filter((one) => one.id === id);
    return { id, now: sumOf(own.map((one) => one.now ?? "0")), then: sumOf(own.map((one) => one.then ?? "0")), difference: sumOf(own.map((one) => one.difference)) };
  });
  const size = (row: Row) => { const value = tenThousandths(row.difference); return value < 0n ? -value : value; };
  return rows.sort((a, b) => (size(b) > size(a) ? 1 : size(b) < size(a) ? -1 : 0));
}

export function PersonReplay(props: { replay: Replay; person: string; name: string; schemes: Schemas["SchemeRow"][]; onClose: () => void }) {
  const { replay, person } = props;
  const [nth, setNth] = useState(0);
  const reading = replay.readings[nth];
  if (!reading) return null;
  const title = (id: string) => {
    const view = props.schemes.flatMap((row) => row.scheme?.indicators ?? []).find((view) => view.id === id);
    return view ? titled(view.title) : id;
  };
  return (
    <aside class="card one" aria-label={props.name}>
      <div class="row sech"><h2 class="grow">{props.name}</h2><button class="btn btn--quiet btn--icon" aria-label={t("do.close")} onClick={props.onClose}><Icon name="close" /></button></div>
      {replay.readings.length > 1 && (
        <p class="inset"><span class="seg" role="group" aria-label={t("schemes.gate")}>
          {replay.readings.map((one, at) => <button key={one.gate} class={at === nth ? "on" : ""} aria-pressed={at === nth} onClick={() => setNth(at)}>{t(one.gate ? `schemes.short.${one.gate}` : "schemes.then")}</button>)}
        </span></p>
      )}
      <ul class="inset">
        {reading.months.map((month) => {
          const manager = month.managers.find((one) => one.person_id === person);
          return manager && <li key={month.month} class="row"><span class="grow">{monthName(month.month, lang.value)}{manager.gated_then && <span class="small fault-text"> {t("schemes.gated")}</span>}</span>{manager.now} → <b>{manager.then}</b></li>;
        })}
      </ul>
      <Table
        label={props.name}
        rows={rowsOf(reading, person)}
        id={(row) => row.id}
        columns={[
          { key: "id", head: t("schemes.indicators"), cell: (row) => <span class="wrap">{title(row.id)}</span>, by: (row) => title(row.id) },
          { key: "now", head: t("schemes.now"), number: true, cell: (row) => row.now, by: (row) => Number(row.now) },
          { key: "then", head: t("schemes.then"), number: true, cell: (row) => <b>{row.then}</b>, by: (row) => Number(row.then) },
          { key: "difference", head: "±", number: true, cell: (row) => <Signed value={row.difference} />, by: (row) => Number(row.difference) },
        ]}
      />
    </aside>
  );
}

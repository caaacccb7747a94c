// What the order plans of a week take of the supply quotas, by grade and SKU.

import { grouped } from "@roundsman/ui/format";
import type { Schemas } from "../../api/client.ts";
import { t } from "../../state/lang.ts";
import { RangeBar } from "../../ui/bits.tsx";
import { StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";

type Quota = Schemas["NamedQuota"];

export function QuotaTable({ quotas, path }: { quotas: Quota[]; path: string }) {
  if (quotas.length === 0) return <StateBox icon="lock" head={t("orders.quotas.none")} why={t("orders.quotas.none.why")} />;
  const used = ({ figures }: Quota) => (figures.may > 0 ? figures.ordered / figures.may : 0);
  return (
    <section class="card one" aria-label={t("orders.quotas")}>
      <Table
        label={t("orders.quotas")}
        rows={quotas}
        id={({ figures }) => `${figures.week}/${figures.grade}/${figures.sku}`}
        first={{ key: "used", down: true }}
        columns={[
          { key: "week", head: t("orders.week"), cell: ({ figures }) => figures.week, by: ({ figures }) => figures.week },
          { key: "grade", head: t("orders.grade"), number: true, cell: ({ figures }) => figures.grade, by: ({ figures }) => figures.grade },
          { key: "sku", head: t("col.sku"), cell: (row) => <b>{row.name}</b>, by: (row) => row.name },
          { key: "quota", head: t("orders.quota.shop"), number: true, cell: ({ figures }) => grouped(figures.quota), by: ({ figures }) => figures.quota },
          { key: "shops", head: t("orders.shops"), number: true, cell: ({ figures }) => grouped(figures.shops), by: ({ figures }) => figures.shops },
          { key: "used", head: t("orders.used"), number: true, cell: ({ figures }) => <>{grouped(figures.ordered)} / {grouped(figures.may)}</>, by: used },
          { key: "bar", head: "", cell: ({ figures }) => <RangeBar known={figures.ordered} most={figures.ordered} of={figures.may} /> },
          { key: "full", head: t("orders.full"), number: true, cell: ({ figures }) => figures.full, by: ({ figures }) => figures.full },
          { key: "over", head: t("orders.over"), number: true, cell: ({ figures }) => (figures.over > 0 ? <b class="fault-text">{figures.over}</b> : 0), by: ({ figures }) => figures.over },
        ]}
      />
      <div class="row foot1"><span class="small muted grow">{t("orders.quotas.foot")}</span><TakeAway path={path} /></div>
    </section>
  );
}

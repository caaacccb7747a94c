// The audit log: who decided what, when, and what it was before. Nothing of it is ever changed.

import { useState } from "preact/hooks";
import { get } from "../../api/client.ts";
import { t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { when } from "../../ui/bits.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";

interface Row {
  id: number;
  at_ms: number;
  who: string;
  action: string;
  subject: string;
  before: unknown;
  after: unknown;
  hash: string;
}

const PAGE = 500;

export function AuditPage() {
  const [after, setAfter] = useState(0);
  const log = useLoad(`audit/${after}`, (signal) => get<Row[]>("/v1/audit", { after }, signal));
  return (
    <Loads of={log}>
      {(rows) => (
        <section class="card one" aria-label={t("run.audit")}>
          <div class="row sech"><h2 class="grow">{t("run.audit")}</h2><TakeAway path={`/v1/tables/audit?after=${after}`} />
            {after > 0 && <button class="btn sm" onClick={() => setAfter(Math.max(0, after - PAGE))}>{t("audit.older")}</button>}
            {rows.length === PAGE && <button class="btn sm" onClick={() => setAfter(rows[rows.length - 1]?.id ?? 0)}>{t("audit.newer")}</button>}</div>
          {rows.length === 0 ? <StateBox icon="list" head={t("audit.none")} /> : (
            <Table
              label={t("run.audit")}
              rows={rows}
              id={(row) => String(row.id)}
              first={{ key: "id", down: true }}
              columns={[
                { key: "id", head: "#", number: true, cell: (row) => row.id, by: (row) => row.id },
                { key: "at", head: t("backups.when"), cell: (row) => when(row.at_ms), by: (row) => row.at_ms },
                { key: "who", head: t("col.person"), cell: (row) => <b>{row.who}</b>, by: (row) => row.who },
                { key: "action", head: t("audit.action"), cell: (row) => <code>{row.action}</code>, by: (row) => row.action },
                { key: "subject", head: t("audit.subject"), cell: (row) => <code class="clip note" title={row.subject}>{row.subject}</code>, by: (row) => row.subject },
                { key: "after", head: t("restate.after"), cell: (row) => (
                  <details class="small"><summary>{t("do.details")}</summary><pre class="file">{JSON.stringify({ before: row.before, after: row.after }, null, 1)}</pre></details>
                ) },
                { key: "hash", head: t("audit.hash"), cell: (row) => <code class="small muted">{row.hash.slice(0, 10)}</code> },
              ]}
            />
          )}
        </section>
      )}
    </Loads>
  );
}

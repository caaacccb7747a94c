// What is held back, and what staff rule. Nothing is ever lost: released it is filed, rejected it is kept and said to be.

import { useState } from "preact/hooks";
import { get, post, type Schemas } from "../../api/client.ts";
import { named, t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { useSend } from "../../state/send.ts";
import { may } from "../../state/session.ts";
import { when } from "../../ui/bits.tsx";
import { AskSend } from "../../ui/dialog.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";

type Held = Schemas["HeldRow"];

export function QuarantinePage() {
  const all = useLoad("quarantine", async (signal) => {
    const [held, people] = await Promise.all([get<Held[]>("/v1/quarantine", {}, signal), get<Schemas["PersonRow"][]>("/v1/people", {}, signal)]);
    return { held, names: new Map(people.map((person) => [person.person_id, person.name])) };
  });
  const [rejecting, setRejecting] = useState<Held>();
  const [said, setSaid] = useState("");
  const { busy, fault, send } = useSend();
  async function rule(held: Held, ruling: "release" | "reject") {
    setSaid("");
    const { verdicts } = await post<Schemas["Ruled"]>(`/v1/quarantine/${held.id}`, { ruling });
    const filed = (verdicts["durable"] ?? 0) + (verdicts["duplicate"] ?? 0);
    setSaid(ruling === "release" ? t("quarantine.released", { n: filed }) : t("quarantine.rejected"));
  }
  const rules = may("admin", "supervisor");
  return (
    <Loads of={all}>
      {({ held, names }) => (
        <section class="card one" aria-label={t("run.quarantine")}>
          <div class="row sech"><h2 class="grow">{t("run.quarantine")}</h2><TakeAway path="/v1/tables/quarantine" /></div>
          {said && <p class="banner" role="status">{said}</p>}
          {fault && <p class="fault" role="alert">{fault}</p>}
          {held.length === 0 ? <StateBox icon="check" head={t("quarantine.none")} why={t("quarantine.none.why")} /> : (
            <Table
              label={t("run.quarantine")}
              rows={held}
              id={(held) => String(held.id)}
              columns={[
                { key: "person", head: t("col.person"), cell: (held) => <b>{held.person ? names.get(held.person) ?? held.person : "?"}</b>, by: (held) => held.person ?? "" },
                { key: "document", head: t("quarantine.document"), cell: (held) => <code>{held.document}</code>, by: (held) => held.document },
                { key: "reason", head: t("quarantine.reason"), cell: (held) => named("reason", held.reason), by: (held) => held.reason },
                { key: "received", head: t("quarantine.received"), cell: (held) => when(held.received_ms), by: (held) => held.received_ms },
                { key: "change", head: "", cell: (held) => <code class="small muted">{held.change.slice(0, 8)}</code> },
                { key: "do", head: "", cell: (held) => rules && (
                  <span class="row">
                    {held.releasable && <button class="btn sm" disabled={busy} onClick={() => void send(() => rule(held, "release")).then(all.again)}>{t("quarantine.release")}</button>}
                    <button class="btn sm btn--danger" onClick={() => setRejecting(held)}>{t("quarantine.reject")}</button>
                  </span>
                ) },
              ]}
            />
          )}
          {rejecting && (
            <AskSend question={t("quarantine.reject")} yes={t("quarantine.reject")} send={() => rule(rejecting, "reject")} onClose={(changed) => { setRejecting(undefined); if (changed) all.again(); }}>
              <p>{t("quarantine.reject.sure")}</p>
            </AskSend>
          )}
        </section>
      )}
    </Loads>
  );
}

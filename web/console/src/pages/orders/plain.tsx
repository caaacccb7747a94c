// Most plans are as usual and within their quotas: these are approved together, the others one by one.

import { useState } from "preact/hooks";
import { post, sayProblem } from "../../api/client.ts";
import { t } from "../../state/lang.ts";
import { may } from "../../state/session.ts";
import { Ask } from "../../ui/dialog.tsx";
import { overQuota, type Plan } from "./orders.tsx";
import { seen } from "./plan.tsx";

/** Nothing about it needs a look. */
function isPlain(plan: Plan): boolean {
  return plan.awaits && plan.unusual.length === 0 && !plan.lines.some(overQuota);
}

export function ApprovePlain({ plans, onDone }: { plans: readonly Plan[]; onDone: () => void }) {
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState<number>();
  const [fault, setFault] = useState("");
  const plain = plans.filter(isPlain);
  async function approve() {
    let count = 0;
    setFault("");
    try {
      for (const plan of plain) {
        setDone(count);
        const lines = plan.lines.filter((line) => line.awaits).map((line) => ({ ...seen(line), ruling: "approved" }));
        await post(`/v1/orders/${plan.date}/${plan.visit}`, { lines });
        count += 1;
      }
      setAsking(false);
    } catch (problem) {
      // Those before it are approved; the rest still await.
      setFault(sayProblem(problem));
    }
    setDone(undefined);
    onDone();
  }
  if (!may("admin", "supervisor") || (plain.length === 0 && !asking)) return null;
  return (
    <>
      <button class="btn sm" onClick={() => setAsking(true)}>{t("orders.plain", { n: plain.length })}</button>
      {asking && (
        <Ask question={t("orders.plain", { n: plain.length })} yes={done === undefined ? t("disputes.approve") : `${done} / ${plain.length}`} busy={done !== undefined} onYes={() => void approve()} onNo={() => setAsking(false)}>
          <p>{t("orders.plain.why")}</p>
          {fault && <p class="fault" role="alert">{fault}</p>}
        </Ask>
      )}
    </>
  );
}

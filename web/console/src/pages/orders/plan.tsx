// One order plan, line by line: approve, amend or decline. Its manager's phone is told with its next sync.

import { useEffect, useRef, useState } from "preact/hooks";
import { dayWithWeekday, grouped } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { post, sayProblem } from "../../api/client.ts";
import { lang, t } from "../../state/lang.ts";
import { link } from "../../state/route.ts";
import { may } from "../../state/session.ts";
import { Chip, money, when } from "../../ui/bits.tsx";
import { overQuota, type Plan } from "./orders.tsx";

type Line = Plan["lines"][number];
type Verdict = "approved" | "amended" | "declined";
interface Draft {
  ruling: Verdict;
  cartons: number;
  reason: string;
}

/** What one who rules on a line has seen of it: by now it may be drafted or ruled on anew. */
export function seen(line: Line) {
  return { sku: line.sku, drafted: line.drafted, ruled_ms: line.ruling?.at_ms ?? null };
}

export function PlanPanel({ plan, fault, onRuled }: { plan: Plan; fault: string; onRuled: (fault: string) => void }) {
  const [drafts, setDrafts] = useState<ReadonlyMap<string, Draft>>(new Map());
  const [busy, setBusy] = useState(false);
  const panel = useRef<HTMLElement>(null);
  // On a tablet it stands below the list.
  useEffect(() => panel.current?.scrollIntoView({ block: "nearest" }), []);
  const awaiting = plan.lines.filter((line) => line.awaits);
  const incomplete = [...drafts.values()].some((draft) => draft.ruling !== "approved" && !draft.reason.trim());
  function set(sku: string, draft: Draft | undefined) {
    const next = new Map(drafts);
    if (draft) next.set(sku, draft);
    else next.delete(sku);
    setDrafts(next);
  }
  async function rule(rulings: readonly [Line, Draft][]) {
    setBusy(true);
    try {
      const lines = rulings.map(([line, { ruling, cartons, reason }]) => ({ ...seen(line), ruling, reason, ...(ruling === "amended" ? { cartons } : {}) }));
      await post(`/v1/orders/${plan.date}/${plan.visit}`, { lines });
      setDrafts(new Map());
      onRuled("");
    } catch (problem) {
      onRuled(sayProblem(problem));
    }
    setBusy(false);
  }
  const chosen = plan.lines.flatMap((line): [Line, Draft][] => {
    const draft = drafts.get(line.sku);
    return draft ? [[line, draft]] : [];
  });
  const rest = awaiting.map((line): [Line, Draft] => [line, { ruling: "approved", cartons: line.drafted, reason: "" }]);
  return (
    <section ref={panel} class="card plan" aria-label={plan.shop}>
      <div class="sech">
        <h2>{plan.shop} <small class="muted">{plan.grade != null && t("visit.grade", { n: plan.grade })}</small></h2>
        <p class="small muted">{dayWithWeekday(plan.date, lang.value)} · {plan.route} · {plan.person} · <a class="link" href={link("today", plan.date, "visit", plan.route_id, plan.visit)}>{t("orders.visit")}</a></p>
        <p><b>{grouped(plan.cartons)} {t("unit.carton")}</b> <span class="muted">¥{money(plan.value)}</span></p>
        {plan.unusual.map((one) => (
          <p key={one.compared_with} class="banner"><Icon name="warning" size="s" /> <span>{t(one.compared_with === "own" ? "orders.unusual.own.why" : "orders.unusual.peers.why", { cartons: one.cartons, usual: one.usual, lower: one.lower, upper: one.upper, orders: one.orders })}</span></p>
        ))}
      </div>
      <ul class="planlines">{plan.lines.map((line) => <RuleLine key={line.sku} line={line} draft={drafts.get(line.sku)} onDraft={(draft) => set(line.sku, draft)} />)}</ul>
      {fault && <p class="fault inset" role="alert">{fault}</p>}
      {may("admin", "supervisor") && (
        <div class="row foot1 end-row">
          {chosen.length > 0
            ? <><button class="btn" onClick={() => setDrafts(new Map())}>{t("do.cancel")}</button><button class="btn btn--primary" disabled={busy || incomplete} onClick={() => void rule(chosen)}>{t("orders.save", { n: chosen.length })}</button></>
            : <button class="btn btn--primary" disabled={busy || rest.length === 0} onClick={() => void rule(rest)}>{rest.length === 0 ? t("orders.ruled") : t("orders.approve.all", { n: rest.length })}</button>}
        </div>
      )}
    </section>
  );
}

function RuleLine({ line, draft, onDraft }: { line: Line; draft: Draft | undefined; onDraft: (draft: Draft | undefined) => void }) {
  const choose = (ruling: Verdict) => onDraft(draft?.ruling === ruling ? undefined : { ruling, cartons: draft?.cartons ?? line.stands, reason: draft?.reason ?? "" });
  return (
    <li class={overQuota(line) ? "over" : ""}>
      <div class="row">
        <b class="grow">{line.name}</b>
        {line.quota != null && <Chip kind={overQuota(line) ? "out" : "plain"} icon="lock">{t("orders.quota", { used: line.stands + line.elsewhere, n: line.quota })}</Chip>}
        <span><b>{grouped(line.drafted)}</b> {t("unit.carton")}</span>
      </div>
      {line.ruling && !line.awaits && <Ruled ruling={line.ruling} />}
      {line.ruling && line.awaits && <p class="small muted">{t("orders.redrafted", { n: line.ruling.drafted })}</p>}
      {may("admin", "supervisor") && (
        <div class="row">
          <span class="seg" role="group" aria-label={line.name}>
            {(["approved", "amended", "declined"] as const).map((one) => <button key={one} class={draft?.ruling === one ? "on" : ""} aria-pressed={draft?.ruling === one} onClick={() => choose(one)}>{t(`orders.do.${one}`)}</button>)}
          </span>
          {draft?.ruling === "amended" && <input type="number" min={0} step={1} class="cartons" aria-label={`${line.name} ${t("orders.cartons")}`} value={draft.cartons} onInput={(event) => onDraft({ ...draft, cartons: Math.max(0, Math.trunc(Number(event.currentTarget.value))) })} />}
          {draft && draft.ruling !== "approved" && <input class="grow" aria-label={`${line.name} ${t("restate.reason")}`} placeholder={t("restate.reason")} value={draft.reason} onInput={(event) => onDraft({ ...draft, reason: event.currentTarget.value })} />}
        </div>
      )}
    </li>
  );
}

function Ruled({ ruling }: { ruling: NonNullable<Line["ruling"]> }) {
  const verdict = ruling.ruling as Verdict;
  return (
    <p class="small"><Chip kind={verdict === "approved" ? "safe" : "flag"}>{t(`orders.is.${verdict}`)}{verdict === "amended" && <> {grouped(ruling.cartons)} {t("unit.carton")}</>}</Chip> {ruling.reason} <span class="muted">{ruling.by} {when(ruling.at_ms)}</span></p>
  );
}

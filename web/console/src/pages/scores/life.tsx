// A month's life: open, published, restated. What is published stays; what changed since is shown before it is published.

import { useState } from "preact/hooks";
import { monthName } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { asProblem, get, post, Problem, type Schemas } from "../../api/client.ts";
import { lang, t } from "../../state/lang.ts";
import { useLoad, type Loaded } from "../../state/load.ts";
import { link } from "../../state/route.ts";
import { may, me } from "../../state/session.ts";
import { Chip, Points, when } from "../../ui/bits.tsx";
import { AskReason, Dialog } from "../../ui/dialog.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { TakeAway } from "../../ui/table.tsx";
import { monthOf, type Common } from "./data.ts";

export type Life = Schemas["MonthLife"];
type Restatement = Schemas["Restatement"];
type Published = Schemas["Published"];

export function useLife(month: string): Loaded<Life> {
  return useLoad(`life/${month}`, (signal) => get<Life>(`/v1/months/${month}`, {}, signal));
}

export const PARTS = ["", "restatement", "disputes", "points"] as const;
export type Part = (typeof PARTS)[number];

/** What the month is, and what can be done with it next. */
export function LifeBar({ month, life, part, names, onChanged }: { month: string; life: Loaded<Life>; part: Part; names: Map<string, string> | undefined; onChanged: () => void }) {
  const [asking, setAsking] = useState(false);
  const data = life.data;
  const latest = data?.revisions[data.revisions.length - 1];
  const over = month < monthOf(me().today);
  return (
    <>
      <nav class="seg seg--tabs" aria-label={monthName(month, lang.value)}>
        {PARTS.map((one) => (
          <a key={one} href={one ? link("scores", month, one) : link("scores", month)} class={part === one ? "on" : ""} aria-current={part === one ? "page" : undefined}>{t(`life.part.${one || "board"}`)}</a>
        ))}
      </nav>
      {latest ? <Chip kind="safe" icon="lock">{t("life.published", { n: latest.revision, when: when(latest.published_ms), by: latest.published_by })}</Chip> : data && <Chip kind="plain">{t("life.open")}</Chip>}
      {latest && <a class="link" href={`/v1/months/${month}/revisions/${latest.revision}/file`} download={`${month}-${latest.revision}.ndjson`}>{t("life.file")}</a>}
      {data && over && may("admin", "supervisor") && (
        <button class="btn btn--primary" onClick={() => setAsking(true)}>{t(latest ? "life.republish" : "life.publish", { month: monthName(month, lang.value) })}</button>
      )}
      {asking && data && <Publish month={month} seen={latest?.revision ?? 0} names={names} onClose={(changed) => {
        setAsking(false);
        if (changed) {
          life.again();
          onChanged();
        }
      }} />}
    </>
  );
}

/** Whose restatement staff hold back. */
async function heldBack(month: string, signal: AbortSignal): Promise<string[]> {
  const { managers } = await get<Restatement>(`/v1/months/${month}/restatement`, {}, signal);
  return managers.flatMap((manager) => (manager.held_back || manager.held_before ? [manager.person_id] : []));
}

function Publish({ month, seen, names, onClose }: { month: string; seen: number; names: Map<string, string> | undefined; onClose: (changed: boolean) => void }) {
  const [incomplete, setIncomplete] = useState(false);
  const [release, setRelease] = useState<string[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<Published>();
  const held = useLoad(`held/${month}/${seen}`, (signal) => (seen === 0 ? Promise.resolve([]) : heldBack(month, signal)));
  async function publish() {
    setBusy(true);
    try {
      setDone(await post<Published>(`/v1/months/${month}/revisions`, { seen, incomplete, hold: [], release }));
    } catch (fault) {
      setProblem(asProblem(fault));
    }
    setBusy(false);
  }
  const name = (id: string) => names?.get(id) ?? id;
  const toggle = (id: string, on: boolean) => setRelease(on ? [...release, id] : release.filter((other) => other !== id));
  const listed = (all: string[]) => all.join(lang.value === "zh" ? "、" : ", ");
  const title = t(seen === 0 ? "life.publish" : "life.republish", { month: monthName(month, lang.value) });
  if (done) {
    return (
      <Dialog title={title} onClose={() => onClose(true)}>
        <p role="status"><Icon name="check" size="s" /> {t("life.done", { n: done.revision, managers: done.managers, points: done.points })}</p>
        {done.silent.length > 0 && <p class="banner">{t("life.silent", { names: listed(done.silent.map(name)) })}</p>}
        {done.held_work.length > 0 && <p class="banner">{t("life.heldwork", { names: listed(done.held_work.map((held) => t("life.heldwork.n", { name: name(held.person), n: held.changes }))) })}</p>}
        {done.held_back.length > 0 && <p class="banner">{t("life.stays", { names: listed((done.held_back as { person: string }[]).map((held) => name(held.person))) })}</p>}
        {done.awaiting_approval.length > 0 && <p class="banner">{t("life.awaiting", { n: done.awaiting_approval.length })}</p>}
        <p class="small muted"><code>{done.hash}</code></p>
        <div class="row end-row"><button class="btn btn--primary" onClick={() => onClose(true)}>{t("do.close")}</button></div>
      </Dialog>
    );
  }
  // After a failure the month may be another by now: the next attempt has to name what is seen then.
  const cancel = () => onClose(problem !== undefined);
  return (
    <Dialog title={title} onClose={cancel}>
      <p>{t("life.publish.what")}</p>
      {problem && <p class="fault" role="alert">{problem.message} <span lang="en">{problem.detail}</span></p>}
      {seen === 0 && <label class="check"><input type="checkbox" checked={incomplete} onChange={(event) => setIncomplete(event.currentTarget.checked)} />{t("life.publish.incomplete")}</label>}
      {held.data?.map((id) => (
        <label key={id} class="check"><input type="checkbox" checked={release.includes(id)} onChange={(event) => toggle(id, event.currentTarget.checked)} />{t("life.publish.release", { name: name(id) })}</label>
      ))}
      <div class="row end-row"><button class="btn" onClick={cancel}>{t("do.cancel")}</button><button class="btn btn--primary" disabled={busy} onClick={() => void publish()}>{t("life.publish.go")}</button></div>
    </Dialog>
  );
}

/** What would be different by what is known now, point by point, with the facts that came and went. */
export function RestatementPage({ month, revision, common }: { month: string; revision: number; common: Common }) {
  const restatement = useLoad(`restatement/${month}/${revision}`, (signal) => get<Restatement>(`/v1/months/${month}/restatement`, {}, signal));
  const [holding, setHolding] = useState<string>();
  const name = (id: string) => common.names.get(id) ?? id;
  const title = (id: string) => common.schemes.flatMap((row) => row.scheme?.indicators ?? []).find((view) => view.id === id)?.title;
  if (restatement.problem?.status === 404) return <StateBox icon="lock" head={t("life.open")} why={t("restate.open")} />;
  return (
    <Loads of={restatement}>
      {(data) => data.managers.length === 0 ? <StateBox icon="check" head={t("restate.none", { n: data.revision })} why={t("restate.none.why")} /> : (
        <div class="restates">
          <p class="row"><span class="grow" /><TakeAway path={`/v1/tables/restatement?month=${month}`} /></p>
          {data.rules_changed && <p class="banner">{t("restate.rules")}</p>}
          {data.managers.map((manager) => (
            <section key={manager.person_id} class="card restate" aria-label={name(manager.person_id)}>
              <div class="row sech">
                <h2 class="grow">{name(manager.person_id)}</h2>
                {manager.held_back && <Chip kind="flag" icon="lock">{t("restate.held", { reason: (manager.held_back as unknown as { reason: string }).reason })}</Chip>}
                {manager.held_before && <Chip kind="flag" icon="lock">{t("restate.heldbefore", { reason: (manager.held_before as unknown as { reason: string }).reason })}</Chip>}
                <span class="row"><Points value={manager.total_before ?? "0.0000"} /> → <b><Points value={manager.total_after ?? "0.0000"} /></b></span>
                {may("admin", "supervisor") && !manager.held_back && <button class="btn sm" onClick={() => setHolding(manager.person_id)}>{t("restate.hold")}</button>}
              </div>
              <table class="t tight">
                <thead><tr><th scope="col">{t("schemes.indicators")}</th><th scope="col" class="r">{t("restate.before")}</th><th scope="col" class="r">{t("restate.after")}</th><th scope="col">{t("restate.facts")}</th></tr></thead>
                <tbody>
                  {manager.differences.map((one) => {
                    const view = title(one.indicator);
                    return (
                      <tr key={one.indicator}>
                        <td><b>{view ? (lang.value === "zh" ? view.zh : view.en) : one.indicator}</b></td><td class="r">{one.before ?? "–"}</td><td class="r"><b>{one.after ?? "–"}</b></td>
                        <td class="small muted">{t("restate.counts", { n: one.facts_new.length, m: one.facts_gone.length })}{one.terms_changed && <> · {t("restate.terms")}</>}{one.facts_unlisted > 0 && <> · +{one.facts_unlisted}</>}</td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </section>
          ))}
          {holding && (
            <AskReason
              question={t("restate.hold.who", { name: name(holding) })}
              yes={t("restate.hold")}
              send={(reason) => post(`/v1/months/${month}/restatement/hold`, { person: holding, reason })}
              onClose={(changed) => { setHolding(undefined); if (changed) restatement.again(); }}
            />
          )}
        </div>
      )}
    </Loads>
  );
}

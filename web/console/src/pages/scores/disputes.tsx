// Disputes: what a manager objects to, what one of staff rules, and what another approves. A ruling counts from the month's
// next revision on.

import { useState } from "preact/hooks";
import { get, post } from "../../api/client.ts";
import { t, titled } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { link } from "../../state/route.ts";
import { useSend } from "../../state/send.ts";
import { may, me } from "../../state/session.ts";
import { Chip, pointsGiven, when } from "../../ui/bits.tsx";
import { AskSend, Dialog } from "../../ui/dialog.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { TakeAway } from "../../ui/table.tsx";
import type { Common } from "./data.ts";

interface Ruling {
  points: string;
  text: string;
  by: string;
}

interface Case {
  id: string;
  /** Named by who decides, so that nobody decides on what they have not seen. */
  version: number;
  dispute: { person: string; month: string; revision: number; indicator: string; line: string; text: string; filed_ms: number; ruling: (Ruling & { approved_by: string; at_ms: number }) | null };
  received_ms: number;
  proposal: (Ruling & { at_ms: number }) | null;
}

// As the API has it: the dispute's own fields beside the rest.
type Row = Omit<Case, "dispute"> & Case["dispute"];

function caseOf({ id, version, received_ms, proposal, ...dispute }: Row): Case {
  return { id, version, received_ms, proposal, dispute };
}

function verdict({ points }: Ruling): string {
  return points === "0" ? t("disputes.stands") : pointsGiven(points);
}

export function DisputesPage({ month, common }: { month: string; common: Common }) {
  const disputes = useLoad(`disputes/${month}`, async (signal) => (await get<Row[]>("/v1/disputes", { month }, signal)).map(caseOf));
  const [ruling, setRuling] = useState<Case>();
  const [deciding, setDeciding] = useState<{ one: Case; proposal: Ruling; approve: boolean }>();
  const name = (id: string) => common.names.get(id) ?? id;
  const title = (id: string) => {
    const view = common.schemes.flatMap((row) => row.scheme?.indicators ?? []).find((view) => view.id === id);
    return view ? titled(view.title) : id;
  };
  const close = (changed: boolean) => {
    setRuling(undefined);
    setDeciding(undefined);
    if (changed) disputes.again();
  };
  return (
    <Loads of={disputes}>
      {(cases) => cases.length === 0 ? <StateBox icon="talk" head={t("disputes.none")} why={t("disputes.none.why")} /> : (
        <div class="restates">
          <p class="row"><span class="grow" /><TakeAway path={`/v1/tables/disputes?month=${month}`} /></p>
          {cases.map((one) => (
            <section key={one.id} class="card dispute" aria-label={`${name(one.dispute.person)} ${title(one.dispute.indicator)}`}>
              <div class="row sech"><h2 class="grow"><a class="plain" href={link("scores", month, one.dispute.person, one.dispute.indicator)}>{name(one.dispute.person)} · {title(one.dispute.indicator)}</a> <small class="muted">{t("disputes.of", { n: one.dispute.revision })} · {when(one.dispute.filed_ms)}</small></h2>
                {one.dispute.ruling ? <Chip kind="safe" icon="check">{t("disputes.ruled")}</Chip> : one.proposal ? <Chip kind="flag" icon="clock">{t("disputes.proposed")}</Chip> : <Chip kind="todo" icon="talk">{t("disputes.open")}</Chip>}</div>
              <p class="pre inset">{one.dispute.text}{one.dispute.line && <><br /><code class="small muted">{one.dispute.line}</code></>}</p>
              {(one.dispute.ruling ?? one.proposal) && <Said ruling={(one.dispute.ruling ?? one.proposal) as Ruling} approved={one.dispute.ruling?.approved_by} name={name} />}
              {!one.dispute.ruling && (
                <div class="row inset">
                  <button class="btn sm" onClick={() => setRuling(one)}>{t(one.proposal ? "disputes.rule.again" : "disputes.rule")}</button>
                  {one.proposal && may("admin", "supervisor") && (
                    one.proposal.by === me().person ? <span class="small muted">{t("disputes.another")}</span> : <Decide proposal={one.proposal} onDecide={(proposal, approve) => setDeciding({ one, proposal, approve })} />
                  )}
                </div>
              )}
            </section>
          ))}
          {ruling && <Rule one={ruling} onClose={close} />}
          {deciding && (
            <AskSend
              question={t(deciding.approve ? "points.approve.sure" : "disputes.back.sure", { who: name(deciding.one.dispute.person), what: verdict(deciding.proposal) })}
              yes={t(deciding.approve ? "disputes.approve" : "disputes.back")}
              send={() => post(`/v1/disputes/${deciding.one.id}/approval`, { approve: deciding.approve, seen: deciding.one.version })}
              onClose={close}
            ><p>{title(deciding.one.dispute.indicator)}</p><p class="pre">{deciding.proposal.text}</p></AskSend>
          )}
        </div>
      )}
    </Loads>
  );
}

function Decide({ proposal, onDecide }: { proposal: Ruling; onDecide: (proposal: Ruling, approve: boolean) => void }) {
  return <><button class="btn sm btn--soft" onClick={() => onDecide(proposal, true)}>{t("disputes.approve")}</button><button class="btn sm" onClick={() => onDecide(proposal, false)}>{t("disputes.back")}</button></>;
}

function Said({ ruling, approved, name }: { ruling: Ruling; approved: string | undefined; name: (id: string) => string }) {
  return (
    <p class="inset ruling"><b>{verdict(ruling)}</b> {ruling.text}
      <br /><span class="small muted">{t("disputes.by", { by: name(ruling.by) })}{approved && <> · {t("disputes.approved", { by: name(approved) })}</>}</span></p>
  );
}

function Rule({ one, onClose }: { one: Case; onClose: (changed: boolean) => void }) {
  const [points, setPoints] = useState(one.proposal?.points ?? "0");
  const [text, setText] = useState(one.proposal?.text ?? "");
  const { busy, fault, send } = useSend();
  async function rule() {
    if (await send(() => post(`/v1/disputes/${one.id}/ruling`, { points, text, seen: one.version }))) onClose(true);
  }
  // After a failure the dispute may be another by now.
  const cancel = () => onClose(fault !== "");
  return (
    <Dialog title={t("disputes.rule")} onClose={cancel}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void rule(); }}>
        <p class="pre">{one.dispute.text}</p>
        <label>{t("disputes.add")}<input inputMode="decimal" pattern="-?[0-9]+(\.[0-9]{1,4})?" value={points} onInput={(event) => setPoints(event.currentTarget.value)} required /></label>
        <label>{t("restate.reason")}<textarea rows={4} value={text} onInput={(event) => setText(event.currentTarget.value)} required /></label>
        <p class="small muted">{t("disputes.next")}</p>
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row end-row"><button type="button" class="btn" onClick={cancel}>{t("do.cancel")}</button><button class="btn btn--primary" disabled={busy}>{t("do.save")}</button></div>
      </form>
    </Dialog>
  );
}

/** Staff file for a manager who can't: about one point of the receipt. */
export function FileDispute(props: { month: string; revision: number; person: string; indicator: string; onClose: (filed: boolean) => void }) {
  const [text, setText] = useState("");
  const { busy, fault, send } = useSend();
  const [id] = useState(() => `d-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`);
  async function file() {
    const { month, revision, person, indicator } = props;
    if (await send(() => post("/v1/disputes", { id, person, month, revision, indicator, text }))) props.onClose(true);
  }
  return (
    <Dialog title={t("disputes.file")} onClose={() => props.onClose(false)}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void file(); }}>
        <label>{t("disputes.text")}<textarea rows={4} value={text} onInput={(event) => setText(event.currentTarget.value)} required /></label>
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row end-row"><button class="btn btn--primary" disabled={busy}>{t("disputes.file")}</button></div>
      </form>
    </Dialog>
  );
}

// Talk: the checklist, what was said, a complaint, a follow-up.

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { plusDays } from "@roundsman/ui/format";
import { call } from "../core/client.ts";
import type { VisitScreen } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { Ask, AppBar, Choice } from "../parts/basics.tsx";
import { draftName } from "../parts/drafts.ts";
import { act, go, notice, t, tell, today } from "../state.ts";
import { AppBarLeaving } from "./count.tsx";

const CHECKS = ["price_tags", "display", "materials"] as const;

export function Talk({ visit }: { visit: string }) {
  const asked = useAsk("visit", { visit });
  const first = useRef<VisitScreen | undefined>(undefined);
  first.current = asked.answer ?? first.current;
  return first.current ? <Talking visit={first.current} /> : <><AppBar title={t("talk.title")} /><Ask of={asked}>{() => null}</Ask></>;
}

function Talking({ visit }: { visit: VisitScreen }) {
  const step = draftName("note", visit.visit);
  const [note, setNote] = useState(() => visit.drafts.find((draft) => draft.step === step)?.content ?? visit.note);
  const latest = useRef(note);
  const written = useRef(visit.note);
  const type = (text: string) => {
    latest.current = text;
    setNote(text);
    call("put_draft", { step, content: text }).catch(tell);
  };
  // Written, and not saved yet: done with the rest.
  const complaint = useRef<Unsaved>(undefined);
  const followUp = useRef<Unsaved>(undefined);
  const settle = async () => {
    if (!(await saveForms(complaint, followUp))) return false;
    if (latest.current === written.current) {
      await call("drop_draft", { step });
      return true;
    }
    const done = await act(() => call("note", { visit: visit.visit, text: latest.current, draft: step }));
    if (done) written.current = latest.current;
    return done;
  };
  useEffect(() => () => void settle().catch(() => undefined), []);
  const leave = async () => {
    if (await settle()) go(`visit/${visit.visit}`, true);
  };
  return (
    <>
      <AppBarLeaving title={t("talk.title")} sub={visit.shop.name} leave={leave} />
      <main class="scroll">
        <section class="card list">
          {CHECKS.map((item) => (
            <div key={item} class="check">
              <span class="grow">{t(`talk.${item}`)}</span>
              <Choice label={t(`talk.${item}`)} value={visit.audits[item] as "yes" | "no" | undefined} options={[["yes", t("talk.yes")], ["no", t("talk.no")]]}
                onChange={(value) => void act(() => call("audit", { visit: visit.visit, item, value }))} />
            </div>
          ))}
        </section>
        <section class="card pad16">
          <label class="field"><span>{t("talk.note")}</span>
            <textarea class="input" maxLength={1000} value={note} onInput={(event) => type(event.currentTarget.value)} /></label>
        </section>
        <OpenFollowUps visit={visit} />
        <FollowUp retailer={visit.retailer} unsaved={followUp} />
        <Complaint retailer={visit.retailer} unsaved={complaint} />
      </main>
      <div class="foot"><button type="button" class="btn btn--primary btn--wide" onClick={() => void leave()}>{t("count.done")}</button></div>
    </>
  );
}

function OpenFollowUps({ visit }: { visit: VisitScreen }) {
  if (visit.brief.follow_ups.length === 0) return null;
  return (
    <section class="card">
      <h2 class="h2">{t("talk.open")}</h2>
      <ul class="list">
        {visit.brief.follow_ups.map((up) => (
          <li key={up.id} class="check">
            <span class="grow">{up.text}</span>
            <button type="button" class="btn" onClick={() => void act(() => call("close_follow_up", { retailer: visit.retailer, id: up.id }))}><Icon name="check" />{t("talk.close")}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function saved(): void {
  notice.value = { text: t("talk.saved"), what: "done" };
}

/** What saves a form that has something in it; whether it was saved. */
export type Unsaved = (() => Promise<boolean>) | undefined;

/** Saves what was written into forms, when their screen is left; whether nothing is left unsaved. */
export async function saveForms(...forms: { current: Unsaved }[]): Promise<boolean> {
  for (const form of forms) {
    const save = form.current;
    form.current = undefined;
    if (save && !(await save())) {
      form.current = save;
      return false;
    }
  }
  return true;
}

/** Saves one at a time: who asks again before it is done waits for the same. */
export function useOnce(): (doing: () => Promise<unknown>, then: () => void) => Promise<boolean> {
  const going = useRef<Promise<boolean>>(undefined);
  return (doing, then) => (going.current ??= act(doing).then((done) => {
    going.current = undefined;
    if (done) then();
    return done;
  }));
}

export function FollowUp({ retailer, unsaved }: { retailer: string; unsaved: { current: Unsaved } }) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string>();
  const date = chosen ?? plusDays(today.value, 7);
  const once = useOnce();
  const save = (on: { due: string } | { wakes_on: string }) => once(() => call("follow_up", { retailer, date: on, text: text.trim() }), () => {
    setText("");
    setChosen(undefined);
    saved();
  });
  // From tomorrow on: whenever the next visit is, it stands there.
  const next = { wakes_on: plusDays(today.value, 1) };
  unsaved.current = text.trim() ? () => save(chosen ? { due: chosen } : next) : undefined;
  return (
    <section class="card pad16 stack">
      <h2 class="small muted" style={{ margin: 0, fontWeight: "inherit" }}>{t("talk.followup")}</h2>
      <label class="field"><span>{t("talk.followup.what")}</span><input class="input" maxLength={300} value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
      {text.trim() && (
        <>
          <button type="button" class="btn" onClick={() => void save(next)}><Icon name="bell" />{t("talk.next")}</button>
          <div class="pair" style={{ alignItems: "end" }}>
            <label class="field"><span>{t("talk.followup.when")}</span><input class="input" type="date" min={today.value} value={date} onInput={(event) => setChosen(event.currentTarget.value)} /></label>
            <button type="button" class="btn" disabled={!date} onClick={() => void save({ due: date })}>{t("app.save")}</button>
          </div>
        </>
      )}
    </section>
  );
}

function Complaint({ retailer, unsaved }: { retailer: string; unsaved: { current: Unsaved } }) {
  const [text, setText] = useState("");
  const once = useOnce();
  const save = () => once(() => call("complain", { retailer, text: text.trim() }), () => {
    setText("");
    saved();
  });
  unsaved.current = text.trim() ? save : undefined;
  return (
    <section class="card pad16 stack">
      <label class="field"><span>{t("talk.complaint")}</span>
        <input class="input" maxLength={1000} placeholder={t("talk.complaint.what")} value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
      {text.trim() && <button type="button" class="btn" onClick={() => void save()}>{t("app.save")}</button>}
    </section>
  );
}

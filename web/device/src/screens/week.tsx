// Diary and week: what each day was planned, what was done, and how it was.

import { useEffect, useRef, useState } from "preact/hooks";
import { dayWithWeekday, plusDays } from "@roundsman/ui/format";
import { call } from "../core/client.ts";
import type { Week } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { AppBar, Ask, Screen } from "../parts/basics.tsx";
import { act, go, lang, notice, t, tell, today } from "../state.ts";

export function WeekScreen({ date }: { date: string | undefined }) {
  const shown = date ?? today.value;
  const asked = useAsk("week", { date: shown });
  return (
    <>
      <AppBar title={t("week.title")} sub={asked.answer ? dayWithWeekday(asked.answer.monday, lang.value) : undefined} back="today" />
      <Screen>
        <div class="pair">
          <button type="button" class="btn" onClick={() => go(`week/${plusDays(shown, -7)}`, true)}>{t("week.previous")}</button>
          <button type="button" class="btn" disabled={plusDays(shown, 7) > plusDays(today.value, 7)} onClick={() => go(`week/${plusDays(shown, 7)}`, true)}>{t("week.next")}</button>
        </div>
        <Ask of={asked}>
          {(week) => (week.days.length === 0 ? <p class="muted pad16">{t("week.empty")}</p> : <><Summary key={week.monday} monday={week.monday} />{week.days.map((day) => <Day key={`${day.route}${day.date}`} day={day} />)}</>)}
        </Ask>
      </Screen>
    </>
  );
}

/** Drafted from the week's work, edited by its author, kept with it. */
function Summary({ monday }: { monday: string }) {
  const asked = useAsk("week_summary", { date: monday });
  const [text, setText] = useState<string>();
  const latest = useRef<string>(undefined);
  const step = `week/${monday}`;
  const drafted = asked.answer && (asked.answer.typed ?? asked.answer.saved?.text ?? (lang.value === "zh" ? asked.answer.text_zh : asked.answer.text_en));
  const shown = text ?? drafted;
  const type = (to: string | undefined) => {
    latest.current = to;
    setText(to);
  };
  const save = async (words: string) => {
    if (await act(() => call("save_week", { date: monday, text: words, draft: step }))) {
      type(undefined);
      notice.value = { text: t("week.saved"), what: "done" };
    }
  };
  useEffect(() => () => void (latest.current !== undefined && save(latest.current)), []);
  if (shown === undefined) return null;
  return (
    <section class="card pad16 stack">
      <label class="field"><span><b class="head">{t("week.summary")}</b><br />{t("week.drafted")}</span>
        <textarea class="input" rows={9} maxLength={1200} value={shown} onInput={(event) => {
          type(event.currentTarget.value);
          call("put_draft", { step, content: event.currentTarget.value }).catch(tell);
        }} /></label>
      <button type="button" class="btn" onClick={() => void save(shown)}>{t("app.save")}</button>
    </section>
  );
}

function Day({ day }: { day: Week["days"][number] }) {
  return (
    <section class="card pad16 stack">
      <p class="row"><b class="grow">{dayWithWeekday(day.date, lang.value)} · {day.route_name}</b>
        <span class="small muted nowrap">{day.planned > 0 ? t("week.day", { visited: day.visited, planned: day.planned }) : t("sync.items", { n: day.visited })}</span></p>
      {day.date <= today.value && <Words label={t("week.diary")} call_="diary" day={day} kept={day.diary} typed={day.diary_typed} />}
      {/* The latest holds, so that it is left on the last day of one's own. */}
      {(day.date === today.value || day.note || day.note_typed) && <Words label={t("week.note")} call_="route_note" day={day} kept={day.note} typed={day.note_typed} />}
    </section>
  );
}

/** A text of the day: kept as it is typed, written when it is left. */
function Words({ label, call_, day: { route, date }, kept, typed }: { label: string; call_: "diary" | "route_note"; day: Week["days"][number]; kept: string; typed: string | null }) {
  const step = `${call_}/${route}/${date}`;
  const [text, setText] = useState(typed ?? kept);
  const latest = useRef(text);
  const written = useRef(kept);
  const begun = useRef(typed !== null);
  // What a sync brings is shown, but not over what is being typed.
  useEffect(() => {
    written.current = kept;
    if (begun.current) return;
    latest.current = kept;
    setText(kept);
  }, [kept]);
  const type = (to: string) => {
    latest.current = to;
    begun.current = true;
    setText(to);
    call("put_draft", { step, content: to }).catch(tell);
  };
  const settle = async () => {
    if (!begun.current) return;
    const now = latest.current;
    const write = () => (now === written.current ? call("drop_draft", { step }) : call(call_, { route, date, text: now, draft: step }));
    if (!(await act(write))) return;
    written.current = now;
    begun.current = latest.current !== now;
  };
  useEffect(() => () => void settle().catch(() => undefined), []);
  return (
    <label class="field"><span>{label}</span>
      <textarea class="input" maxLength={call_ === "diary" ? 400 : 300} value={text} onInput={(event) => type(event.currentTarget.value)} onBlur={() => void settle()} /></label>
  );
}

// A stop that is not the next one: go there now, or say why not.

import { useEffect, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { call } from "../core/client.ts";
import { useAsk } from "../parts/ask.ts";
import { AppBar, Ask, Choice, Screen } from "../parts/basics.tsx";
import { watchPosition } from "../parts/position.ts";
import { act, go, t, today } from "../state.ts";
import { shopLine } from "./shops.tsx";
import { Enter, lastText, Reasons } from "./today.tsx";

const REASONS = ["closed", "owner_away", "road", "weather", "meeting", "time"] as const;

export function Missed({ retailer, route }: { retailer: string; route: string }) {
  const asked = useAsk("shop", { retailer });
  const [other, setOther] = useState("");
  useEffect(watchPosition, []);
  const report = async (reason: string) => {
    if (await act(() => call("report_missed", { retailer, ...(route ? { route } : {}), reason }))) go("today");
  };
  return (
    <>
      <AppBar title={asked.answer?.shop.name ?? ""} sub={asked.answer ? shopLine(asked.answer.shop) : undefined} back="today" />
      <Screen>
        <Ask of={asked}>
          {({ brief, visits }) => (
            <>
              <section class="card next">
                <p class="pad16 small muted">{lastText(brief, today.value)}</p>
                <Reasons brief={brief} />
                <Enter retailer={retailer} route={route || undefined} visits={visits} look="btn--primary" />
              </section>
              <a class="btn btn--wide" href={`#/shop/${retailer}`}><Icon name="note" />{t("visit.file")}</a>
              <section class="card pad16 stack">
                <h2 class="head" style={{ margin: 0 }}>{t("missed.title")}</h2>
                <Choice wrap label={t("missed.title")} value={undefined} options={REASONS.map((reason) => [reason, t(`missed.${reason}`)] as const)} onChange={(reason) => void report(reason)} />
                <label class="field"><span>{t("missed.other")}</span>
                  <input class="input" maxLength={200} placeholder={t("missed.what")} value={other} onInput={(event) => setOther(event.currentTarget.value)} /></label>
                {other.trim() && <button type="button" class="btn" onClick={() => void report(other.trim())}>{t("app.save")}</button>}
              </section>
            </>
          )}
        </Ask>
      </Screen>
    </>
  );
}

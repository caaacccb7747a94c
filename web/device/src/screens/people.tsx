// Who uses this phone: the lock, and the choice between people whose data are apart.

import { useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { addPerson, people, pinIsRight } from "../people.ts";
import { Whole } from "../parts/basics.tsx";
import { enter, switchTo, whoIsIt } from "../start.ts";
import { phase, t } from "../state.ts";

export function Locked() {
  const [pin, setPin] = useState("");
  const [wrong, setWrong] = useState(false);
  const open = async () => {
    if (await pinIsRight(whoIsIt(), pin)) await enter();
    else {
      setPin("");
      setWrong(true);
    }
  };
  return (
    <Whole icon="lock" title={t("pin.title")}>
      <p class="muted">{whoIsIt().name}</p>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); void open(); }}>
        <input class="input input--code" type="password" inputMode="numeric" autocomplete="current-password" autofocus aria-label={t("pin.title")} value={pin} onInput={(event) => setPin(event.currentTarget.value)} />
        {wrong && <p class="lost" role="alert">{t("pin.wrong")}</p>}
        <button type="submit" class="btn btn--primary btn--wide" disabled={pin.length < 4}>{t("tabs.take")}</button>
      </form>
      {people().length > 1 && <button type="button" class="btn btn--wide" onClick={() => (phase.value = "people")}>{t("people.switch")}</button>}
    </Whole>
  );
}

export function People() {
  const list = people();
  return (
    <Whole icon="person" title={t("people.title")}>
      <p class="muted">{t("people.what")}</p>
      <ul class="card list">
        {list.map((person) => (
          <li key={person.folder}>
            <button type="button" class="hubstep" onClick={() => void switchTo(person.folder)}>
              <span class="hubic"><Icon name={person.pin ? "lock" : "person"} size="l" /></span>
              <b class="grow">{person.name || t("people.new")}</b>
              <Icon name="forward" />
            </button>
          </li>
        ))}
      </ul>
      {!list.some((person) => !person.name) && (
        <button type="button" class="btn btn--wide" onClick={() => void switchTo(addPerson().folder)}><Icon name="plus" />{t("people.add")}</button>
      )}
    </Whole>
  );
}

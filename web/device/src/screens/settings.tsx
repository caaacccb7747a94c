// Settings: language, screen, lock, who it is.

import { useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { clearPin, people, setPin } from "../people.ts";
import { AppBar, Choice, Screen } from "../parts/basics.tsx";
import { whoIsIt } from "../start.ts";
import { lang, phase, setLang, setTheme, t, theme } from "../state.ts";

export function Settings() {
  const name = people().find((person) => person.folder === whoIsIt().folder)?.name ?? "";
  return (
    <>
      <AppBar title={t("sync.settings")} sub={name ? t("sync.person", { name }) : undefined} back="sync" />
      <Screen>
        <section class="card pad16 stack">
          <h2 class="head" style={{ margin: 0 }}>{t("app.language")}</h2>
          <Choice label={t("app.language")} value={lang.value} options={[["zh", "简体中文"], ["en", "English"]]} onChange={setLang} />
          <h2 class="head" style={{ margin: 0 }}>{t("app.theme")}</h2>
          <Choice label={t("app.theme")} value={theme.value} options={[["light", t("app.theme.light")], ["dark", t("app.theme.dark")], ["sun", t("app.theme.sun")]]} onChange={setTheme} />
        </section>
        <Pin />
        <button type="button" class="btn btn--wide" onClick={() => (phase.value = "people")}><Icon name="person" />{t("people.switch")}</button>
      </Screen>
    </>
  );
}

function Pin() {
  const folder = whoIsIt().folder;
  const [set, setSet] = useState(() => people().some((person) => person.folder === folder && person.pin));
  const [pin, setText] = useState("");
  const fits = /^\d{4,8}$/.test(pin);
  if (set) {
    return <button type="button" class="btn btn--wide" onClick={() => { clearPin(folder); setSet(false); }}><Icon name="lock" />{t("pin.clear")}</button>;
  }
  const save = async () => {
    await setPin(folder, pin);
    setText("");
    setSet(true);
  };
  return (
    <section class="card pad16 stack">
      <label class="field"><span>{t("pin.set")} · {t("pin.new")}</span>
        <input class="input" type="password" inputMode="numeric" autocomplete="new-password" maxLength={8} value={pin} onInput={(event) => setText(event.currentTarget.value)} /></label>
      {fits && <button type="button" class="btn" onClick={() => void save()}><Icon name="lock" />{t("app.save")}</button>}
    </section>
  );
}

// Settings: language, screen, lock, who it is.

import { useRef, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { call } from "../core/client.ts";
import { clearPin, people, setPin } from "../people.ts";
import { AppBar, Choice, Screen } from "../parts/basics.tsx";
import { whoIsIt } from "../start.ts";
import { lang, notice, phase, setLang, setTheme, syncNow, t, tell, theme, today } from "../state.ts";

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
        <Rescue />
        <button type="button" class="btn btn--wide" onClick={() => (phase.value = "people")}><Icon name="person" />{t("people.switch")}</button>
      </Screen>
    </>
  );
}

/** Unsynced work as a file, and a colleague's file to head office. */
function Rescue() {
  const file = useRef<HTMLInputElement>(null);
  const save = async () => {
    try {
      const rescue = await call("rescue", {});
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([JSON.stringify(rescue)], { type: "application/json" }));
      link.download = `roundsman-${rescue.person}-${today.value}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (fault) {
      tell(fault);
    }
  };
  const carry = async (chosen: File | undefined) => {
    if (!chosen) return;
    // A sync first: it brings the token that the file goes up with.
    await syncNow(true);
    try {
      const token = await call("access_token", {});
      const answer = await fetch("/v1/rescue", { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: await chosen.text() });
      const said = (await answer.json()) as { durable?: number; known?: number; held_back?: number; code?: string; title?: string };
      notice.value = answer.ok
        ? { text: t("sync.carried", { n: (said.durable ?? 0) + (said.known ?? 0) }), what: "done" }
        : { text: said.title ?? t("error.unexpected"), what: "error" };
    } catch {
      notice.value = { text: t("error.unreachable"), what: "error" };
    }
  };
  return (
    <section class="card pad16 stack">
      <p class="small muted">{t("sync.rescue.what")}</p>
      <button type="button" class="btn btn--wide" onClick={() => void save()}><Icon name="download" />{t("sync.rescue")}</button>
      <p class="small muted">{t("sync.carry.what")}</p>
      <input ref={file} class="sr" type="file" accept="application/json,.json" aria-label={t("sync.carry")} tabIndex={-1} onChange={(event) => void carry(event.currentTarget.files?.[0])} />
      <button type="button" class="btn btn--wide" onClick={() => file.current?.click()}><Icon name="upload" />{t("sync.carry")}</button>
    </section>
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

import { useState } from "preact/hooks";
import { asProblem, Problem } from "../api/client.ts";
import { lang, t } from "../state/lang.ts";
import { signIn } from "../state/session.ts";

export function SignIn({ ended }: { ended: boolean }) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Problem | null>(null);
  async function submit(form: HTMLFormElement) {
    const data = new FormData(form);
    setBusy(true);
    setFault(null);
    try {
      await signIn(String(data.get("login")), String(data.get("password")));
    } catch (problem) {
      setFault(asProblem(problem));
    }
    setBusy(false);
  }
  const other = lang.value === "zh" ? "en" : "zh";
  return (
    <main class="rm sign">
      <form class="card sign__card" onSubmit={(event) => { event.preventDefault(); void submit(event.currentTarget); }}>
        <p class="row"><img src="./icon.svg" alt="" width="40" height="40" /><b class="grow sign__name">Roundsman</b>
          <button type="button" class="btn btn--quiet sm" lang={other === "zh" ? "zh-CN" : "en"} onClick={() => (lang.value = other)}>{other === "zh" ? "中文" : "English"}</button>
        </p>
        <h1>{t("sign.title")}</h1>
        {ended && <p class="banner">{t("sign.ended")}</p>}
        <label>{t("sign.login")}<input name="login" autocomplete="username" autocapitalize="none" required /></label>
        <label>{t("sign.password")}<input name="password" type="password" autocomplete="current-password" required /></label>
        {fault && <p class="fault" role="alert">{fault.offline ? t("state.unreachable") : fault.message}</p>}
        <button class="btn btn--primary btn--wide" disabled={busy}>{busy ? t("sign.busy") : t("sign.go")}</button>
      </form>
    </main>
  );
}

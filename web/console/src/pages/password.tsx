import { useState } from "preact/hooks";
import { Problem, put } from "../api/client.ts";
import { t } from "../state/lang.ts";
import { Dialog } from "../ui/dialog.tsx";
import { SignOut } from "../ui/sign-out.tsx";

/** One's own password; afterwards one signs in again. */
export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const [fault, setFault] = useState("");
  const [done, setDone] = useState(false);
  async function submit(form: HTMLFormElement) {
    const data = new FormData(form);
    try {
      await put("/v1/password", { old: String(data.get("old")), new: String(data.get("new")) });
      setDone(true);
    } catch (problem) {
      setFault(problem instanceof Problem ? (problem.detail ?? problem.message) : String(problem));
    }
  }
  return (
    <Dialog title={t("sign.password.change")} onClose={onClose}>
      {done ? (
        <>
          <p role="status">{t("sign.changed")}</p>
          <SignOut kind="btn--primary" label={t("sign.go")} />
        </>
      ) : (
        <form class="form" onSubmit={(event) => { event.preventDefault(); void submit(event.currentTarget); }}>
          <label>{t("sign.old")}<input name="old" type="password" autocomplete="current-password" required /></label>
          <label>{t("sign.new")}<input name="new" type="password" autocomplete="new-password" minLength={10} required /></label>
          {fault && <p class="fault" role="alert">{fault}</p>}
          <button class="btn btn--primary">{t("do.save")}</button>
        </form>
      )}
    </Dialog>
  );
}

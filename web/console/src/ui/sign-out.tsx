// The button that signs out, or says that one still is signed in.

import { t } from "../state/lang.ts";
import { useSend } from "../state/send.ts";
import { signOut } from "../state/session.ts";

export function SignOut({ kind, label }: { kind: string; label: string }) {
  const { busy, fault, send } = useSend();
  return (
    <>
      <button class={`btn ${kind}`} disabled={busy} onClick={() => void send(signOut)}>{label}</button>
      {fault && <p class="fault" role="alert">{t("sign.out.failed", { why: fault })}</p>}
    </>
  );
}

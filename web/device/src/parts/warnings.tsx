// What the user should know besides the work: storage that may be cleared, a new version.

import { useEffect, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { onPhone, t } from "../state.ts";
import { takeUpdate, waitingUpdate } from "../update.ts";

/** Storage that is not promised matters where there is something to lose; `brief` leaves the button to the screen about it. */
export function Storage({ brief }: { brief?: boolean }) {
  const [kept, setKept] = useState(true);
  useEffect(() => {
    void navigator.storage?.persisted?.().then(setKept);
  }, []);
  if (kept || (brief && onPhone.value === 0)) return null;
  if (brief) return <a class="row small muted" style={{ padding: "0 6px", minHeight: "48px" }} href="#/sync"><Icon name="warning" />{t("storage.temporary")}</a>;
  const ask = () => void navigator.storage.persist().then(setKept);
  return (
    <div class="card pad16 stack">
      <p class="row small"><Icon name="warning" /><span class="grow">{t("storage.temporary")} {t("storage.temporary.do")}</span></p>
      <button type="button" class="btn" onClick={ask}>{t("storage.ask")}</button>
    </div>
  );
}

export function Update({ busy }: { busy: boolean }) {
  if (!waitingUpdate.value) return null;
  return (
    <div class="card pad16 row">
      <Icon name="download" />
      <span class="grow">{t("sync.update")}</span>
      {busy ? <span class="small muted">{t("sync.update.later")}</span> : <button type="button" class="btn" onClick={takeUpdate}>{t("sync.update.do")}</button>}
    </div>
  );
}

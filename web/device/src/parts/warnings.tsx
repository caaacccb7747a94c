// What the user should know besides the work: storage that may be cleared, a new version.

import { useEffect, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { revoked, t } from "../state.ts";
import { takeUpdate, waitingUpdate } from "../update.ts";

export function Storage() {
  const [kept, setKept] = useState(true);
  useEffect(() => {
    void navigator.storage?.persisted?.().then(setKept);
  }, []);
  if (revoked.value) {
    return <div class="card pad16" role="alert"><p class="row lost"><Icon name="refused" /><b>{t("sync.revoked")}</b></p><p class="small">{t("sync.revoked.what")}</p></div>;
  }
  if (kept) return null;
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

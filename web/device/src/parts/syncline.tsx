// The one sentence about where the work is. It never says more than is known: nothing is at head office before its answer.

import { Icon, type IconName } from "@roundsman/ui/icons";
import { moment } from "@roundsman/ui/format";
import { begun, heldBack, lang, onPhone, syncing, syncNow, t, today, unfinished, work, zone } from "../state.ts";

export type Standing = "open" | "sync" | "refused" | "queue" | "unknown" | "offering" | "local" | "begun" | "safe";

export function standing(): Standing {
  if (!begun.value) return "open";
  if (syncing.value) return "sync";
  if (heldBack.value > 0) return "refused";
  if (work.value?.queued_until_ms) return "queue";
  return onThisPhone();
}

/** What this phone still has to bring, whatever head office holds back. */
export function onThisPhone(): Standing {
  if (work.value?.unknown) return "unknown";
  if (work.value?.offering) return "offering";
  if (onPhone.value > 0) return "local";
  return unfinished.value.length > 0 ? "begun" : "safe";
}

export const STANDING_ICON: Record<Standing, IconName> = { open: "phone", sync: "sync", refused: "refused", queue: "clock", unknown: "warning", offering: "sync", local: "phone", begun: "phone", safe: "cloud" };

export function lastSync(): string {
  if (!begun.value) return "\u00a0";
  const at = work.value?.last_sync_ms;
  return at ? t("sync.last", { when: moment(at, zone.value, today.value, lang.value) }) : t("sync.never");
}

export function SyncLine() {
  const how = standing();
  const n = onPhone.value;
  const [number, words] =
    how === "open" ? [undefined, t("app.loading")]
    : how === "sync" ? [undefined, t("sync.running")]
    : how === "refused" ? [heldBack.value, t("sync.refused")]
    : how === "queue" ? [undefined, t("sync.queued", { n })]
    : how === "unknown" ? [undefined, t("error.unknown_device")]
    : how === "offering" ? [undefined, t("sync.offering")]
    : how === "local" ? [n, t("sync.local")]
    : how === "begun" ? [unfinished.value.length, t("sync.begun")]
    : [undefined, t("sync.safe")];
  const arrived = syncing.value?.acknowledged ?? 0;
  const sub = how === "sync" ? t("sync.running.of", { k: arrived }) : n > 0 && how !== "local" && how !== "queue" ? `${n} ${t("sync.local")}` : lastSync();
  return (
    <div class={`sync sync--${how}${how === "sync" ? " turning" : ""}`} role="status">
      <Icon name={STANDING_ICON[how]} size="l" />
      <div class="sync__t">
        <b>{number !== undefined && <><span class="n">{number}</span> </>}{words}</b>
        <span class="sub">{sub}</span>
      </div>
      {how === "refused" || how === "begun" || how === "unknown"
        ? <a class="btn" href="#/sync">{t("sync.why")}</a>
        : how !== "sync" && <button type="button" class="btn" onClick={() => void syncNow(true)}>{t("sync.button")}</button>}
    </div>
  );
}

// A route's planned day moves to another: tried first, through the import's own checks, then made.

import { useEffect, useState } from "preact/hooks";
import { dayWithWeekday } from "@roundsman/ui/format";
import { postTwoWays, sayProblem, type Schemas } from "../../api/client.ts";
import { lang, t } from "../../state/lang.ts";
import { me } from "../../state/session.ts";
import { Dialog } from "../../ui/dialog.tsx";

type Report = Schemas["ImportReport"];

export interface Moving {
  row: Schemas["CalendarRow"];
  /** Where it was dropped; none: still to be chosen. */
  to?: string;
}

export function MoveDialog({ moving: { row, to: dropped }, onClose }: { moving: Moving; onClose: (moved?: string) => void }) {
  const [to, setTo] = useState(dropped ?? "");
  const [checked, setChecked] = useState<{ to: string; sound: boolean }>();
  const [fault, setFault] = useState("");
  async function send(dryRun: boolean) {
    try {
      const { accepted, answer } = await postTwoWays<Report>("/v1/calendar", { route: row.route_id, from: row.date, to, dry_run: dryRun });
      if (accepted && !dryRun) return onClose(to);
      setChecked({ to, sound: accepted });
      setFault(accepted ? "" : answer.faults.map((one) => one.what).join(" "));
    } catch (problem) {
      setChecked({ to, sound: false });
      setFault(sayProblem(problem));
    }
  }
  useEffect(() => {
    setFault("");
    if (to) void send(true);
  }, [to]);
  const sound = checked?.sound && checked.to === to;
  return (
    <Dialog title={t("calendar.move")} onClose={() => onClose()}>
      <div class="form">
        <p><b>{row.route}</b> · {row.person ?? "?"} · {dayWithWeekday(row.date, lang.value)}</p>
        <label>{t("calendar.to")}<input type="date" min={me().today} value={to} onChange={(event) => setTo(event.currentTarget.value)} /></label>
        {fault && <p class="fault" role="alert">{fault}</p>}
        {sound && <p class="banner banner--safe" role="status">{t("calendar.sound")}</p>}
        <div class="row end-row"><button class="btn" onClick={() => onClose()}>{t("do.cancel")}</button><button class="btn btn--primary" disabled={!sound} onClick={() => void send(false)}>{t("calendar.do")}</button></div>
      </div>
    </Dialog>
  );
}

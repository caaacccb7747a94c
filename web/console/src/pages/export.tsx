// Take away: a month's data as files, and the month on paper.

import { useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { t } from "../state/lang.ts";
import { link } from "../state/route.ts";
import { me } from "../state/session.ts";
import { Header } from "../ui/header.tsx";
import { monthOf } from "./scores/data.ts";

const FILES = ["visits", "stock", "orders", "missed", "scores"] as const;

export function ExportPage() {
  const [month, setMonth] = useState(monthOf(me().today));
  return (
    <>
      <Header title={t("export.title")} sub={month}>
        <label class="row small">{t("scores.month")}<input type="month" value={month} onChange={(event) => event.currentTarget.value && setMonth(event.currentTarget.value)} /></label>
      </Header>
      <div class="tiles">
        {FILES.map((file) => (
          <section key={file} class="card tile">
            <h2>{t(`export.${file}`)}</h2>
            <p class="muted">{t(`export.${file}.what`)}</p>
            <p class="row"><Icon name="download" size="s" />
              <a class="link" href={`/v1/export/${file}/${month}?format=csv`} download>{t("do.csv")}</a>
              <a class="link" href={`/v1/export/${file}/${month}?format=xlsx`} download>{t("do.xlsx")}</a></p>
          </section>
        ))}
        <section class="card tile">
          <h2>{t("export.report")}</h2>
          <p class="muted">{t("export.report.what")}</p>
          <p><a class="link" href={link("scores", "report", month)}>{t("export.report.open")}</a></p>
        </section>
      </div>
    </>
  );
}

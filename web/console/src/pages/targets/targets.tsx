// Targets: plans from the district down, what changes hands, goals, and what it all comes to.

import { t } from "../../state/lang.ts";
import { link } from "../../state/route.ts";
import { me } from "../../state/session.ts";
import { Header, Tabs } from "../../ui/header.tsx";
import { CascadePage } from "./cascade.tsx";
import { GoalsPage } from "./goals.tsx";
import { RollUpPage } from "./rollup.tsx";
import { TransfersPage } from "./transfers.tsx";

const PARTS = [["cascade", CascadePage], ["transfers", TransfersPage], ["goals", GoalsPage], ["rollup", RollUpPage]] as const;

export function TargetsPage({ part }: { part: string }) {
  const [on, Page] = PARTS.find(([key]) => key === part) ?? PARTS[0];
  return (
    <>
      <Header title={t("targets.title")} sub={<>{me().district} · {t(`targets.${on}`)}</>} />
      <div class="tabsrow"><Tabs label={t("targets.title")} tabs={PARTS.map(([key]) => [link("targets", key), t(`targets.${key}`), key === on])} /></div>
      <Page />
    </>
  );
}

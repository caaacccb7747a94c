// Run it: what keeps the district going.

import { t } from "../../state/lang.ts";
import { link } from "../../state/route.ts";
import { may } from "../../state/session.ts";
import { Header, Tabs } from "../../ui/header.tsx";
import { AssignmentsPage } from "./assignments.tsx";
import { AuditPage } from "./audit.tsx";
import { BackupsPage } from "./backups.tsx";
import { CalendarPage } from "./calendar.tsx";
import { DevicesPage } from "./devices.tsx";
import { ImportPage } from "./import.tsx";
import { PeoplePage } from "./people.tsx";
import { QuarantinePage } from "./quarantine.tsx";
import { SchemesPage } from "./schemes/schemes.tsx";

/** Who sees which page, as the server answers them. */
const TABS = [
  ["import", ImportPage, ["admin"]],
  ["people", PeoplePage, null],
  ["devices", DevicesPage, null],
  ["assignments", AssignmentsPage, null],
  ["calendar", CalendarPage, null],
  ["schemes", SchemesPage, null],
  ["quarantine", QuarantinePage, null],
  ["audit", AuditPage, ["admin", "supervisor"]],
  ["backups", BackupsPage, ["admin"]],
] as const;

export function RunPage({ tab, part }: { tab: string; part: string }) {
  const shown = TABS.filter(([, , roles]) => !roles || may(...roles));
  const current = shown.find(([key]) => key === tab) ?? shown[0];
  const Page = current?.[1];
  return (
    <>
      <Header title={t("run.title")} sub={current && t(`run.${current[0]}`)} />
      <div class="tabsrow"><Tabs label={t("run.title")} tabs={shown.map(([key]) => [link("run", key), t(`run.${key}`), key === current?.[0]])} /></div>
      {Page && <Page part={part} />}
    </>
  );
}

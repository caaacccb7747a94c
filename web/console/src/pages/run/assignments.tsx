// Who has which route, and when; a substitution or a hand-over goes through the import's own checks first.

import { useState } from "preact/hooks";
import { plusDays } from "@roundsman/ui/format";
import { get, postTwoWays, Problem, type Schemas } from "../../api/client.ts";
import { t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { may, me } from "../../state/session.ts";
import { Chip } from "../../ui/bits.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Loads } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";

type Row = Schemas["AssignmentRow"];
type Person = Schemas["PersonRow"];
type Report = Schemas["ImportReport"];

export function AssignmentsPage() {
  const all = useLoad("assignments", async (signal) => {
    const [rows, people] = await Promise.all([get<Row[]>("/v1/assignments", {}, signal), get<Person[]>("/v1/people", {}, signal)]);
    return { rows, people };
  });
  const [adding, setAdding] = useState(false);
  const [search, setSearch] = useState("");
  return (
    <Loads of={all}>
      {({ rows, people }) => {
        const wanted = search.trim().toLowerCase();
        const shown = rows.filter((row) => !wanted || [row.route, row.route_id, row.person].some((text) => text.toLowerCase().includes(wanted)));
        return (
          <section class="card one" aria-label={t("run.assignments")}>
            <div class="row sech"><h2 class="grow">{t("run.assignments")}</h2>
              <input class="search" type="search" placeholder={t("do.search")} aria-label={t("do.search")} value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
              <TakeAway path="/v1/tables/assignments" />
              {may("admin") && <button class="btn btn--primary" onClick={() => setAdding(true)}>{t("assign.add")}</button>}</div>
            <Table
              label={t("run.assignments")}
              rows={shown}
              id={(row) => `${row.route_id}/${row.kind}/${row.from}`}
              columns={[
                { key: "route", head: t("col.route"), cell: (row) => <><b>{row.route}</b> <code class="small muted">{row.route_id}</code></>, by: (row) => row.route_id },
                { key: "person", head: t("col.person"), cell: (row) => row.person, by: (row) => row.person },
                { key: "kind", head: t("devices.state"), cell: (row) => <Chip kind={row.kind === "substitute" ? "todo" : "plain"} icon="person">{t(row.kind === "substitute" ? "assign.kind.substitute" : "assign.kind.owner")}</Chip>, by: (row) => row.kind },
                { key: "from", head: t("assign.from"), cell: (row) => row.from, by: (row) => row.from },
                { key: "to", head: t("assign.to"), cell: (row) => row.to ?? <span class="muted">{t("assign.open")}</span>, by: (row) => row.to ?? "9999" },
                { key: "now", head: t("assign.now"), cell: (row) => (row.now ? "✓" : ""), by: (row) => (row.now ? 1 : 0) },
              ]}
            />
            {adding && <Add rows={rows} people={people.filter((person) => person.role === "manager")} onClose={(changed) => { setAdding(false); if (changed) all.again(); }} />}
          </section>
        );
      }}
    </Loads>
  );
}

function Add({ rows, people, onClose }: { rows: Row[]; people: Person[]; onClose: (changed: boolean) => void }) {
  const [kind, setKind] = useState<"substitution" | "hand_over">("substitution");
  const [whose, setWhose] = useState(people[0]?.person_id ?? "");
  const own = [...new Map(rows.filter((row) => row.person_id === whose && row.kind === "owner" && row.now).map((row) => [row.route_id, row.route])).entries()];
  const [routes, setRoutes] = useState<ReadonlySet<string>>();
  const chosen = routes ?? new Set(own.map(([id]) => id));
  const [person, setPerson] = useState(people[1]?.person_id ?? "");
  const [from, setFrom] = useState(plusDays(me().today, 1));
  const [to, setTo] = useState(plusDays(me().today, 5));
  const [report, setReport] = useState<Report>();
  const [fault, setFault] = useState("");
  async function send(dryRun: boolean) {
    setFault("");
    const body = { kind, routes: [...chosen], person, from, to: kind === "substitution" ? to : null, dry_run: dryRun };
    try {
      const { accepted, answer } = await postTwoWays<Report>("/v1/assignments", body);
      if (accepted && !dryRun) return onClose(true);
      setReport(answer);
    } catch (problem) {
      setFault(problem instanceof Problem ? (problem.detail ?? problem.message) : String(problem));
    }
  }
  const changed = <T,>(set: (value: T) => void) => (value: T) => { set(value); setReport(undefined); };
  const sound = report?.faults_found === 0;
  return (
    <Dialog title={t("assign.add")} onClose={() => onClose(false)}>
      <div class="form">
        <span class="seg" role="group">
          {(["substitution", "hand_over"] as const).map((one) => (
            <button key={one} class={kind === one ? "on" : ""} aria-pressed={kind === one} onClick={() => changed(setKind)(one)}>{t(one === "substitution" ? "assign.substitute" : "assign.handover")}</button>
          ))}
        </span>
        <label>{t("assign.kind.owner")}
          <select value={whose} onChange={(event) => { changed(setWhose)(event.currentTarget.value); setRoutes(undefined); }}>{people.map((one) => <option key={one.person_id} value={one.person_id}>{one.name}</option>)}</select>
        </label>
        <fieldset class="routesbox"><legend>{t("assign.routes")}</legend>
          {own.map(([id, name]) => (
            <label key={id} class="check"><input type="checkbox" checked={chosen.has(id)} onChange={(event) => {
              const next = new Set(chosen);
              if (event.currentTarget.checked) next.add(id);
              else next.delete(id);
              changed(setRoutes)(next);
            }} />{name} <code class="small muted">{id}</code></label>
          ))}
        </fieldset>
        <label>{t("assign.who")}<select value={person} onChange={(event) => changed(setPerson)(event.currentTarget.value)}>{people.filter((one) => one.person_id !== whose).map((one) => <option key={one.person_id} value={one.person_id}>{one.name}</option>)}</select></label>
        <div class="row"><label>{t("assign.from")}<input type="date" value={from} onChange={(event) => changed(setFrom)(event.currentTarget.value)} /></label>
          {kind === "substitution" && <label>{t("assign.to")}<input type="date" value={to} onChange={(event) => changed(setTo)(event.currentTarget.value)} /></label>}</div>
        {fault && <p class="fault" role="alert">{fault}</p>}
        {report && !sound && <ul class="fault" role="alert" lang="en">{report.faults.map((one, n) => <li key={n}>{one.what}</li>)}</ul>}
        {sound && <p class="banner banner--safe" role="status">{t("import.sound")}</p>}
        <div class="row end-row">
          <button class="btn" disabled={chosen.size === 0} onClick={() => void send(true)}>{t("assign.check")}</button>
          <button class="btn btn--primary" disabled={!sound} onClick={() => void send(false)}>{t("do.save")}</button>
        </div>
      </div>
    </Dialog>
  );
}

// Goals that were agreed on for a quarter, and how far they are; one that measures nothing says so.

import { useState } from "preact/hooks";
import { get, post, sayProblem, type Schemas } from "../../api/client.ts";
import { percent } from "../../api/score.ts";
import type { Goal, PersonGoals } from "../../api/targets.ts";
import { t, titled } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { may, me } from "../../state/session.ts";
import { serverNow } from "../../state/clock.ts";
import { Chip, decimal, RangeBar } from "../../ui/bits.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";
import { monthOf, quarterOf, quartersTo, useCommon, type Common } from "../scores/data.ts";

interface Row extends Goal {
  person: string;
}

export function GoalsPage() {
  const now = quarterOf(monthOf(me().today));
  const [quarter, setQuarter] = useState(now);
  const common = useCommon();
  const goals = useLoad(`goals/${quarter}`, (signal) => get<PersonGoals[]>(`/v1/goals/${quarter}`, {}, signal));
  const [fault, setFault] = useState("");
  const [adding, setAdding] = useState(false);
  const name = (id: string) => common.data?.names.get(id) ?? id;
  async function agree(row: Row) {
    try {
      await post(`/v1/documents/goals/${row.person}/${quarter}/actions`, { action: "agree_goal", id: row.id, as_manager: false, at_ms: Math.round(serverNow()) });
      setFault("");
    } catch (problem) {
      setFault(sayProblem(problem));
    }
    goals.again();
  }
  return (
    <section class="card one" aria-label={t("targets.goals")}>
      <div class="row sech"><h2 class="grow">{t("targets.goals")}</h2>
        <select aria-label={t("schemes.quarter")} value={quarter} onChange={(event) => setQuarter(event.currentTarget.value)}>{quartersTo(now, 6).map((one) => <option key={one}>{one}</option>)}</select>
        <TakeAway path={`/v1/tables/goals?quarter=${quarter}`} />
        {may("admin", "supervisor") && <button class="btn btn--primary" onClick={() => setAdding(true)}>{t("goals.add")}</button>}</div>
      {fault && <p class="fault inset" role="alert">{fault}</p>}
      <Loads of={goals}>
        {(people) => {
          const rows = people.flatMap((person) => person.goals.map((goal): Row => ({ ...goal, person: person.person_id })));
          const faults = people.flatMap((person) => person.faults.map((fault) => `${name(person.person_id)}: ${fault}`));
          if (rows.length === 0 && faults.length === 0) return <StateBox icon="star" head={t("goals.none", { q: quarter })} why={t("goals.none.why")} />;
          return (
            <>
              {faults.length > 0 && <ul class="fault inset" lang="en">{faults.map((fault) => <li key={fault}>{fault}</li>)}</ul>}
              <Table
                label={t("targets.goals")}
                rows={rows}
                id={(row) => `${row.person}/${row.id}`}
                columns={[
                  { key: "person", head: t("col.person"), cell: (row) => <b>{name(row.person)}</b>, by: (row) => name(row.person) },
                  { key: "goal", head: t("goals.goal"), cell: (row) => <span class="wrap">{row.title}</span>, by: (row) => row.title },
                  { key: "measure", head: t("goals.measure"), cell: (row) => <Measured goal={row} common={common.data} />, by: (row) => row.measure },
                  { key: "target", head: t("goals.target"), number: true, cell: (row) => <b>{row.target}</b> },
                  { key: "actual", head: t("goals.actual"), number: true, cell: (row) => (row.actual === null ? <span class="muted">–</span> : shown(row.actual)) },
                  { key: "progress", head: t("scores.progress"), cell: (row) => <Progress goal={row} />, by: (row) => Number(row.progress ?? -1) },
                  { key: "agreed", head: t("goals.agreed"), cell: (row) => <Agreement goal={row} />, by: (row) => (row.agreed ? 1 : 0) },
                  { key: "do", head: "", cell: (row) => may("admin", "supervisor") && row.agreed_by.supervisor === null && <button class="btn sm btn--soft" onClick={() => void agree(row)}>{t("goals.agree")}</button> },
                ]}
              />
            </>
          );
        }}
      </Loads>
      {adding && <Add quarter={quarter} common={common.data} onClose={(changed) => { setAdding(false); if (changed) goals.again(); }} />}
    </section>
  );
}

/** A fraction that is no decimal, to three places; it is for the eye. */
function shown(actual: string): string {
  const [above = "0", below] = actual.split("/");
  return below ? (Number(above) / Number(below)).toFixed(3) : decimal(above);
}

function Measured({ goal, common }: { goal: Goal; common: Common | undefined }) {
  const [indicator = "", item] = goal.measure.split("/");
  const view = common?.schemes.flatMap((row) => row.scheme?.indicators ?? []).find((view) => view.id === indicator);
  return (
    <>
      {view ? <>{titled(view.title)}{item && <> <code class="small">{item}</code></>}</> : <>{goal.measure} <Chip kind="flag" icon="warning">{t("goals.unmeasured")}</Chip></>}
      {[...goal.faults, ...goal.warnings].length > 0 && <details class="small muted"><summary>{t("do.details")}</summary><span class="wrap" lang="en">{[...goal.faults, ...goal.warnings].join(" ")}</span></details>}
    </>
  );
}

function Progress({ goal }: { goal: Goal }) {
  if (goal.progress === null) return <span class="muted">{t("goals.unknown")}</span>;
  const share = Number(goal.progress);
  return <span class="vis"><RangeBar known={Math.min(1, share)} most={Math.min(1, share)} of={1} /><span class={goal.reached ? "pos" : ""}>{percent(goal.progress)}</span></span>;
}

function Agreement({ goal }: { goal: Goal }) {
  if (goal.agreed) return <Chip kind="safe" icon="check">{t("goals.agreed.both")}</Chip>;
  const { person, supervisor } = goal.agreed_by;
  return <Chip kind="todo" icon="clock">{t(person === null ? (supervisor === null ? "goals.agreed.none" : "goals.waits.manager") : "goals.waits.supervisor")}</Chip>;
}

function Add({ quarter, common, onClose }: { quarter: string; common: Common | undefined; onClose: (changed: boolean) => void }) {
  const people = useLoad("managers", (signal) => get<Schemas["PersonRow"][]>("/v1/people", {}, signal));
  const [id] = useState(() => `g-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`);
  const [fault, setFault] = useState("");
  const views = (common?.schemes.find((row) => row.in_force) ?? common?.schemes[0])?.scheme?.indicators ?? [];
  async function put(form: HTMLFormElement) {
    const data = new FormData(form);
    const text = (key: string) => String(data.get(key) ?? "");
    const item = text("item").trim();
    try {
      await post(`/v1/documents/goals/${text("person")}/${quarter}/actions`, { action: "put_goal", id, title: text("title"), measure: item ? `${text("measure")}/${item}` : text("measure"), target: text("target") });
      onClose(true);
    } catch (problem) {
      setFault(sayProblem(problem));
    }
  }
  return (
    <Dialog title={t("goals.add")} onClose={() => onClose(false)}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void put(event.currentTarget); }}>
        <label>{t("col.person")}<select name="person">{people.data?.filter((person) => person.role === "manager").map((person) => <option key={person.person_id} value={person.person_id}>{person.name}</option>)}</select></label>
        <label>{t("goals.goal")}<input name="title" required /></label>
        <label>{t("goals.measure")}<select name="measure">{views.map((view) => <option key={view.id} value={view.id}>{titled(view.title)}</option>)}</select></label>
        <label>{t("goals.item")}<input name="item" inputMode="numeric" /></label>
        <label>{t("goals.target")}<input name="target" required placeholder="300 / 95%" /></label>
        <p class="small muted">{t("goals.next")}</p>
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row end-row"><button type="button" class="btn" onClick={() => onClose(false)}>{t("do.cancel")}</button><button class="btn btn--primary">{t("do.save")}</button></div>
      </form>
    </Dialog>
  );
}

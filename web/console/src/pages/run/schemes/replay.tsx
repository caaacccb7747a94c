// A quarter under a proposed scheme: what each would have had, beside what they have, with both readings of the gate. The
// same facts are scored by both, so that every difference is the scheme's.

import { useState } from "preact/hooks";
import { asProblem, Problem } from "../../../api/client.ts";
import { replayed, type Reading, type Replay, type ReplayBody, type ReplayedStars } from "../../../api/schemes.ts";
import { t } from "../../../state/lang.ts";
import { me } from "../../../state/session.ts";
import { Points, Signed, Stars } from "../../../ui/bits.tsx";
import { ProblemBox, Skeleton, StateBox } from "../../../ui/states.tsx";
import { Table, TakePosted, type Column } from "../../../ui/table.tsx";
import { monthOf, quarterOf, quartersTo, useCommon } from "../../scores/data.ts";
import { SchemeChoice, chosen, type Chosen } from "./choice.tsx";
import { PersonReplay } from "./person.tsx";
import type { Version } from "./schemes.tsx";

type Asked = { at: "idle" | "busy" } | { at: "problem"; problem: Problem } | { at: "done"; body: ReplayBody; replay: Replay };

export function ReplayPage({ versions }: { versions: Version[] }) {
  const [proposed, setProposed] = useState<Chosen>(() => chosen(versions.find((version) => !version.in_force) ?? (versions[0] as Version)));
  const now = quarterOf(monthOf(me().today));
  const [quarter, setQuarter] = useState(now);
  const [asked, setAsked] = useState<Asked>({ at: "idle" });
  const changed = <T,>(set: (value: T) => void) => (value: T) => { set(value); setAsked({ at: "idle" }); };
  async function run() {
    setAsked({ at: "busy" });
    try {
      setAsked({ at: "done", ...(await replayed(proposed.of, quarter)) });
    } catch (fault) {
      setAsked({ at: "problem", problem: asProblem(fault) });
    }
  }
  return (
    <>
      <section class="card schemetry inset" aria-label={t("schemes.part.replay")}>
        <SchemeChoice label={t("schemes.proposed")} versions={versions} value={proposed} onChange={changed(setProposed)} />
        <label>{t("schemes.quarter")}<select value={quarter} onChange={(event) => changed(setQuarter)(event.currentTarget.value)}>{quartersTo(now, 6).map((one) => <option key={one}>{one}</option>)}</select></label>
        <button class="btn btn--primary" disabled={asked.at === "busy"} onClick={() => void run()}>{t("schemes.run")}</button>
      </section>
      {asked.at === "idle" && <StateBox icon="score" head={t("schemes.idle")} why={t("schemes.idle.why")} />}
      {asked.at === "busy" && <Skeleton lines={8} />}
      {asked.at === "problem" && <ProblemBox problem={asked.problem} again={() => void run()} />}
      {asked.at === "done" && <Outcome replay={asked.replay} body={asked.body} />}
    </>
  );
}

interface Row {
  person: string;
  /** One a reading of the gate, in their order. */
  stars: ReplayedStars[];
}

function gatedMonths(reading: Reading, person: string): number {
  return reading.months.filter((month) => month.managers.some((manager) => manager.person_id === person && manager.gated_then)).length;
}

function Outcome({ replay, body }: { replay: Replay; body: ReplayBody }) {
  const common = useCommon();
  const [shown, setShown] = useState("");
  const name = (id: string) => common.data?.names.get(id) ?? id;
  const first = replay.readings[0]?.stars ?? [];
  const rows: Row[] = first.map((row) => ({
    person: row.person_id,
    stars: replay.readings.flatMap((reading) => reading.stars?.find((one) => one.person_id === row.person_id) ?? []),
  }));
  const warnings = [...new Set(replay.readings.flatMap((reading) => reading.warnings))];
  const columns: Column<Row>[] = [
    { key: "name", head: t("col.name"), cell: (row) => <button class="link" aria-expanded={shown === row.person} onClick={() => setShown(shown === row.person ? "" : row.person)}>{name(row.person)}</button>, by: (row) => name(row.person) },
    { key: "rank", head: t("stars.rank"), number: true, cell: (row) => row.stars[0]?.rank_now ?? "–", by: (row) => -(row.stars[0]?.rank_now ?? 1e9) },
    { key: "mean", head: t("stars.mean"), number: true, cell: (row) => <Mean value={row.stars[0]?.mean_now} />, by: (row) => Number(row.stars[0]?.mean_now ?? -1) },
    { key: "stars", head: t("stars.stars"), cell: (row) => <Stars count={row.stars[0]?.stars_now ?? 0} />, by: (row) => row.stars[0]?.stars_now ?? 0 },
    ...replay.readings.flatMap((reading, nth) => thenColumns(reading, nth)),
  ];
  return (
    <div class={shown ? "two rep2" : "one"}>
      <section class="card one" aria-label={t("schemes.outcome")}>
        <Table
          label={t("schemes.outcome")}
          rows={rows}
          id={(row) => row.person}
          columns={columns}
          first={{ key: "rank", down: true }}
          groups={[["", 1], [t("schemes.now"), 3], ...replay.readings.map((reading): [string, number] => [t(reading.gate ? `schemes.gate.${reading.gate}` : "schemes.then"), 3])]}
        />
        <div class="row foot1">
          <span class="small muted grow">{warnings.length > 0 ? <ul lang="en">{warnings.map((warning) => <li key={warning}>{warning}</li>)}</ul> : t("schemes.foot")}</span>
          <TakePosted path="/v1/schemes/replay" body={body} />
        </div>
      </section>
      {shown && <PersonReplay key={shown} replay={replay} person={shown} name={name(shown)} schemes={common.data?.schemes ?? []} onClose={() => setShown("")} />}
    </div>
  );
}

function Mean({ value }: { value: string | null | undefined }) {
  return value == null ? <span class="muted">{t("stars.unranked")}</span> : <Points value={value} />;
}

/** What one reading of the gate would have made of it. */
function thenColumns(reading: Reading, nth: number): Column<Row>[] {
  const of = (row: Row) => row.stars[nth];
  const moved = (row: Row) => of(row)?.rank_then !== of(row)?.rank_now;
  return [
    { key: `rank${nth}`, head: t("stars.rank"), number: true, cell: (row) => (moved(row) ? <b>{of(row)?.rank_then ?? "–"}</b> : (of(row)?.rank_then ?? "–")), by: (row) => -(of(row)?.rank_then ?? 1e9) },
    {
      key: `mean${nth}`, head: t("stars.mean"), number: true, by: (row) => Number(of(row)?.difference ?? 0),
      cell: (row) => <><Mean value={of(row)?.mean_then} /><br /><span class="small"><Signed value={of(row)?.difference ?? "0.0000"} /></span></>,
    },
    {
      key: `stars${nth}`, head: t("stars.stars"), by: (row) => of(row)?.stars_then ?? 0,
      cell: (row) => <><Stars count={of(row)?.stars_then ?? 0} />{gatedMonths(reading, row.person) > 0 && <><br /><span class="small fault-text">{t("schemes.gated.n", { n: gatedMonths(reading, row.person) })}</span></>}</>,
    },
  ];
}
